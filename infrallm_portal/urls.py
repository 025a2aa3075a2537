from django.contrib import admin
from django.urls import include, path

from provisioning.api.root import api

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("provisioning.web.urls")),
    path("", api.urls),
]

handler400 = "provisioning.web.views.error_pages.bad_request"
handler403 = "provisioning.web.views.access.refused_by_django"
handler404 = "provisioning.web.views.error_pages.not_found"
handler500 = "provisioning.web.views.error_pages.server_error"
