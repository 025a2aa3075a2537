from django.urls import path

from provisioning.web.views import (
    catalog,
    history,
    new_request,
    operations,
    pulls,
    request_detail,
    session,
)

urlpatterns = [
    path("", new_request.new_request, name="new_request"),
    path("preview", new_request.preview, name="preview"),
    path("requests", history.requests, name="requests"),
    path("requests/rows", history.rows, name="request_rows"),
    path("requests/<slug:request_id>", request_detail.detail, name="request_detail"),
    path("requests/<slug:request_id>/live", request_detail.live, name="request_live"),
    path("requests/<slug:request_id>/files.zip", request_detail.archive, name="request_archive"),
    path("requests/<slug:request_id>/cancel", request_detail.cancel, name="request_cancel"),
    path("requests/<slug:request_id>/retry", request_detail.retry, name="request_retry"),
    path("requests/<slug:request_id>/answer", request_detail.answer, name="request_answer"),
    path("pulls", pulls.pulls, name="pulls"),
    path("pulls/<int:number>", pulls.pull, name="pull"),
    path("pulls/<int:number>/merge", pulls.merge, name="pull_merge"),
    path("pulls/<int:number>/close", pulls.close, name="pull_close"),
    path("catalog", catalog.catalog, name="catalog"),
    path("catalog/<slug:name>", catalog.catalog_type, name="catalog_type"),
    path("operations", operations.operations_page, name="operations"),
    path("metrics", operations.scrape, name="metrics"),
    path("login", session.sign_in, name="login"),
    path("logout", session.sign_out, name="logout"),
    path("theme", session.theme, name="theme"),
]
