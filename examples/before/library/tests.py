"""The project's own tests: against the schema, and over HTTP as a front end would ask."""

from django.contrib.auth import get_user_model
from django.test import TestCase
from graphql_jwt.shortcuts import get_token, get_user_by_token
from graphql_jwt.testcases import JSONWebTokenTestCase

PASSWORD = "a-password-of-the-example"
SIGN_IN = """mutation ($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) { token payload refreshExpiresIn }
}"""
VERIFY = "mutation ($token: String) { verifyToken(token: $token) { payload } }"
REFRESH = "mutation ($token: String) { refreshToken(token: $token) { token payload } }"


def create_reader(username="ada", **fields):
    return get_user_model().objects.create_user(username, **fields)


class SchemaTests(JSONWebTokenTestCase):
    def setUp(self):
        self.ada = create_reader()

    def test_a_reader_sees_herself(self):
        self.client.authenticate(self.ada)

        result = self.client.execute("{ me { username } }")

        self.assertIsNone(result.errors)
        self.assertEqual(result.data, {"me": {"username": "ada"}})

    def test_nobody_sees_nothing(self):
        result = self.client.execute("{ me { username } library }")

        self.assertEqual(
            result.errors[0].message, "You do not have permission to perform this action"
        )
        self.assertEqual(result.data, {"me": None, "library": "The library of examples"})

    def test_a_client_that_has_logged_out_is_nobody(self):
        self.client.authenticate(self.ada)
        self.client.logout()

        self.assertTrue(self.client.execute("{ me { username } }").errors)

    def test_readers_are_listed_for_staff_alone(self):
        query = "{ readers { username } }"
        self.client.authenticate(self.ada)
        self.assertTrue(self.client.execute(query).errors)

        self.client.authenticate(create_reader("grace", is_staff=True))

        readers = self.client.execute(query).data["readers"]
        self.assertEqual(readers, [{"username": "ada"}, {"username": "grace"}])

    def test_a_token_leads_to_its_reader(self):
        self.assertEqual(get_user_by_token(get_token(self.ada)), self.ada)


class HttpTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.ada = create_reader(email="ada@example.com", password=PASSWORD)

    def ask(self, query, bearing=None, **variables):
        headers = {"Authorization": f"JWT {bearing}"} if bearing else {}
        response = self.client.post(
            "/graphql",
            {"query": query, "variables": variables},
            content_type="application/json",
            headers=headers,
        )
        return response.json()

    def sign_in(self):
        answer = self.ask(SIGN_IN, username="ada", password=PASSWORD)
        self.assertNotIn("errors", answer)
        return answer["data"]["tokenAuth"]

    def test_a_token_opens_what_is_protected(self):
        token = self.sign_in()["token"]

        answer = self.ask("{ me { email } }", token)

        self.assertEqual(answer, {"data": {"me": {"email": "ada@example.com"}}})

    def test_the_payload_names_the_reader(self):
        signed_in = self.sign_in()

        self.assertEqual(signed_in["payload"]["username"], "ada")
        self.assertGreater(signed_in["refreshExpiresIn"], signed_in["payload"]["exp"])

    def test_a_wrong_password_opens_nothing(self):
        answer = self.ask(SIGN_IN, username="ada", password="wrong")

        self.assertEqual(answer["data"], {"tokenAuth": None})
        self.assertEqual(answer["errors"][0]["message"], "Please enter valid credentials")

    def test_a_token_is_verified(self):
        signed_in = self.sign_in()

        answer = self.ask(VERIFY, token=signed_in["token"])

        self.assertEqual(answer["data"]["verifyToken"]["payload"], signed_in["payload"])

    def test_a_token_is_refreshed(self):
        signed_in = self.sign_in()

        refreshed = self.ask(REFRESH, token=signed_in["token"])["data"]["refreshToken"]

        self.assertEqual(refreshed["payload"]["origIat"], signed_in["payload"]["origIat"])
        answer = self.ask("{ me { username } }", refreshed["token"])
        self.assertEqual(answer, {"data": {"me": {"username": "ada"}}})

    def test_garbage_is_told_from_a_token(self):
        answer = self.ask("{ me { username } }", "garbage")

        self.assertEqual(answer["errors"][0]["message"], "Error decoding signature")
