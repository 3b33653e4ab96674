use async_openai::config::OpenAIConfig;

pub type Llm = async_openai::Client<OpenAIConfig>;
type Open<C> = async_openai::Client<C>;
type Twice = Llm;

pub trait Build { fn build_it() -> Self; }

impl Build for Llm {
    fn build_it() -> Self { Self::new() }
}

pub struct Holder { pub client: Llm }

impl Holder {
    pub fn new() -> Self { Self { client: Llm::new() } }
    pub fn again() -> Self { Self::new() }
}

impl Default for Holder {
    fn default() -> Self { Self::new() }
}

pub fn f() {
    Llm::new();
    Twice::new();
    Open::with_config(OpenAIConfig::new());
    <Llm>::new();
    <Llm as Build>::build_it();
    later::Later::new();
}

mod later {
    pub type Later = super::Llm;
}
