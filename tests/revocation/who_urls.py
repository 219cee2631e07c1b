"""A Django view that says who `request.user` is."""

from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("who", lambda request: HttpResponse(request.user.get_username()))]
