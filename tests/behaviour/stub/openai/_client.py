import os

_calls = []
_permitted = [0]
_record = os.environ.get("QM_STUB") == "record"


def _add(function, kwargs):
    if kwargs.get("workspace_id", 0) is None:
        kwargs = {k: v for k, v in kwargs.items() if k != "workspace_id"}
    _calls.append((function, dict(kwargs)))


def _made(function, **kwargs):
    """For factories: records the call and gives back a real client."""
    import openai
    name = function
    cls = {
        "get_openai_client": openai.OpenAI,
        "get_async_openai_client": openai.AsyncOpenAI,
        "get_azure_openai_client": openai.AzureOpenAI,
        "get_async_azure_openai_client": openai.AsyncAzureOpenAI,
        "get_bedrock_openai_client": openai.BedrockOpenAI,
        "get_async_bedrock_openai_client": openai.AsyncBedrockOpenAI,
    }[name]
    _add(name, kwargs)
    kwargs.pop("workspace_id", None)
    _permitted[0] += 1
    try:
        client = cls.__new__(cls)
        _Base.__init__(client, **kwargs)
        return client
    finally:
        _permitted[0] -= 1


class _Reply:
    def __init__(self, client, path=()):
        self._client, self._path = client, path

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Reply(self._client, self._path + (name,))

    def __call__(self, **kwargs):
        return "reply"


class _AsyncReply(_Reply):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _AsyncReply(self._client, self._path + (name,))

    async def __call__(self, **kwargs):
        return "reply"


class _Base:
    _function = None
    _reply = _Reply

    def __init__(self, **kwargs):
        if not _permitted[0]:
            if not _record:
                raise RuntimeError("bypass")
            if "workspace_id" in kwargs:
                raise TypeError("unexpected keyword argument 'workspace_id'")
            _add(self._function, kwargs)
        self.kwargs = kwargs
        self.api_key = kwargs.get("api_key")
        self.base_url = kwargs.get("base_url")

    def __getattr__(self, name):
        if name in ("chat", "models", "embeddings", "responses", "files", "images", "audio", "beta"):
            return self._reply(self, (name,))
        raise AttributeError(name)

    def with_options(self, **kwargs):
        return self

    def close(self):
        pass

    def __repr__(self):
        return f"<{type(self).__name__}>"


class OpenAI(_Base):
    _function = "get_openai_client"

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


class AsyncOpenAI(_Base):
    _function = "get_async_openai_client"
    _reply = _AsyncReply

    async def close(self):
        pass

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None


class Stream:
    pass


Client = OpenAI
AsyncClient = AsyncOpenAI
