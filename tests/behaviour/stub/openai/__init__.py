"""A stub of the SDK: its constructors refuse, unless the factory builds."""
from openai import types, resources
from openai._exceptions import OpenAIError, APIError, RateLimitError, APITimeoutError, AuthenticationError, BadRequestError
from openai._client import OpenAI, AsyncOpenAI, Client, AsyncClient, Stream, _made, _calls
from openai.lib.azure import AzureOpenAI, AsyncAzureOpenAI
from openai.lib.bedrock import BedrockOpenAI, AsyncBedrockOpenAI

__version__ = "1.99.0"
__all__ = ["types", "OpenAIError", "APIError", "RateLimitError", "OpenAI", "AsyncOpenAI", "Client", "AsyncClient", "Stream"]

DEFAULT_MAX_RETRIES = 2
NOT_GIVEN = None
api_key = None
base_url = None


class _Completions:
    def create(self, **kwargs):
        return "module reply"


class _Chat:
    completions = _Completions()


chat = _Chat()
