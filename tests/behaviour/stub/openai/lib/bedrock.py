from openai._client import OpenAI, AsyncOpenAI


class BedrockOpenAI(OpenAI):
    _function = "get_bedrock_openai_client"


class AsyncBedrockOpenAI(AsyncOpenAI):
    _function = "get_async_bedrock_openai_client"
