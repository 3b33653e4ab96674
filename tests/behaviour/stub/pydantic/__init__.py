class _Field:
    def __init__(self, default, default_factory): self.default, self.default_factory = default, default_factory
def Field(default=..., *, default_factory=None, **kw):
    return _Field(default, default_factory)
class ConfigDict(dict): ...
class PrivateAttr(_Field):
    def __init__(self, default=..., *, default_factory=None): super().__init__(default, default_factory)
class BaseModel:
    def __init__(self, **data):
        for cls in reversed(type(self).__mro__):
            for name in cls.__dict__.get("__annotations__", {}):
                value = cls.__dict__.get(name, ...)
                if name in data: value = data[name]
                elif isinstance(value, _Field):
                    value = value.default_factory() if value.default_factory else value.default
                if value is not ...: object.__setattr__(self, name, value)
        self.model_post_init(None)
    def model_post_init(self, context): ...
