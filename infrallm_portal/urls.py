from django.contrib import admin
from django.urls import include, path

from infrallm_portal.api import api

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("provisioning.urls")),
    path("", api.urls),
]

handler400 = "provisioning.views.error_pages.bad_request"
handler404 = "provisioning.views.error_pages.not_found"
handler500 = "provisioning.views.error_pages.server_error"
