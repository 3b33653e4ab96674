from openai._client import OpenAI, AsyncOpenAI


class AzureOpenAI(OpenAI):
    _function = "get_azure_openai_client"


class AsyncAzureOpenAI(AsyncOpenAI):
    _function = "get_async_azure_openai_client"
