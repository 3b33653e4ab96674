"""What calls are for: `with ai_usage_context("summarise", user_id=...):` around them."""

from openai_runtime import ContextThreadPoolExecutor, ai_usage_context, batch_ai_usage_context

__all__ = ["ContextThreadPoolExecutor", "ai_usage_context", "batch_ai_usage_context"]
