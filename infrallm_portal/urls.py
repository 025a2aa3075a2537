from django.contrib import admin
from django.urls import include, path

from infrallm_portal.api import api

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("provisioning.urls")),
    path("", api.urls),
]
