"""Where a link that signs in once leads; see `identity.one_time`."""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.views.decorators.cache import never_cache

from provisioning.identity.one_time import tokens
from provisioning.web.views import error_pages


@never_cache
def sign_in_once(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None or not tokens.check_token(user, token):
        text = "It was used already, or it is too old. Sign in with name and password; the next start prints a new link."
        return error_pages.error_page(request, 403, "This link does not work any more", text)
    if request.META["REQUEST_METHOD"] == "GET":  # looking with HEAD uses nothing up
        answer: HttpResponse = perform_login(request, Login(user=user))
        return answer
    return HttpResponseRedirect(resolve_url("/"))
