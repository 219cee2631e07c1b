"""What another worker does between the rollback of a request and its replay."""

in_between = []


def interleave(get_response):
    """Middleware inside ours: runs between the end of the transaction and the replay."""

    def answer(request):
        response = get_response(request)
        while in_between:
            in_between.pop()()
        return response

    return answer
