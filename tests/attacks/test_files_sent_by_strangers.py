"""Whoever may not ask anything writes to nobody's disk: a form with files is not even read."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from tests.revocation.oauth.conftest import configured  # noqa: F401  A fixture.

kept = []


class NotingHandler(FileUploadHandler):
    def new_file(self, *args, **kwargs):
        kept.append(args)
        raise StopUpload


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["introspect", "revoke"])
def test_none_is_kept(client, settings, url):
    kept.clear()
    settings.FILE_UPLOAD_HANDLERS = [f"{__name__}.NotingHandler"]

    response = client.post(f"/oauth/{url}", {"token": SimpleUploadedFile("x", b"x" * 1000)})

    assert (response.status_code, response.json()) == (400, {"error": "invalid_request"})
    assert kept == []
