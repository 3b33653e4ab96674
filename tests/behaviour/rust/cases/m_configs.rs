use async_openai::{config::{AzureConfig, Config, OpenAIConfig}, Client};

pub type Azure = Client<AzureConfig>;
pub type Own = Client<OpenAIConfig>;
pub type Open<C> = Client<C>;
pub type Preset<C = AzureConfig> = Client<C>;
pub type Usual<C = OpenAIConfig> = Client<C>;
pub type Again = Azure;
pub type Chosen = Open<AzureConfig>;
pub type Left = Preset;
pub type Right = Usual;
type Settings = AzureConfig;

pub struct Holder { azure: Azure, own: Client<OpenAIConfig>, maybe: Option<Client<AzureConfig>> }
pub struct Generic<C: Config> { client: Client<C> }
pub struct Pair(Client<AzureConfig>, Client<OpenAIConfig>);

pub trait Build { fn made() -> Self; }
impl Build for Client<AzureConfig> { fn made() -> Self { Self::default() } }
impl Build for Client<OpenAIConfig> { fn made() -> Self { Self::default() } }

pub trait Other { fn other() -> Self; }
impl<C: Config + Default> Other for Client<C> { fn other() -> Self { Self::default() } }

impl Holder {
    pub fn new() -> Self {
        Self { azure: Client::default(), own: Client::default(), maybe: Some(Client::default()) }
    }
    pub fn implied() -> Self {
        Self { azure: Default::default(), own: Default::default(), maybe: None }
    }
    pub fn change(&mut self) {
        self.azure = Client::default();
        self.own = Client::default();
        self.maybe = Some(Client::default());
    }
}

impl<C: Config + Default> Generic<C> {
    pub fn new() -> Self { Self { client: Client::default() } }
    pub fn told() -> Self { Self { client: Client::<C>::default() } }
}

pub fn aliases() {
    Azure::default();
    Own::default();
    <Azure>::default();
    <Azure as Default>::default();
    <Own>::default();
    <Client<AzureConfig>>::default();
    <Client<OpenAIConfig> as Default>::default();
    Again::default();
    Chosen::default();
    Left::default();
    Right::default();
    Open::<AzureConfig>::default();
    Open::<OpenAIConfig>::default();
    Preset::<OpenAIConfig>::default();
    Usual::<Settings>::default();
    <Preset>::default();
    <Usual>::default();
    Client::<Settings>::default();
    Client::<AzureConfig>::default();
    Client::<OpenAIConfig>::default();
    super::m_configs::Azure::default();
    elsewhere::There::default();
    elsewhere::Hidden::default();
    Azure::with_config(AzureConfig::new());
    Azure::with_config(Default::default());
    Own::with_config(Default::default());
    Client::<OpenAIConfig>::with_config(Default::default());
}

pub fn annotated(flag: bool) {
    let _first: Client<AzureConfig> = Client::default();
    let _second: Client<OpenAIConfig> = Client::default();
    let _third: Azure = Client::default();
    let _fourth: Preset = Client::default();
    let _fifth: Usual = Client::default();
    let _sixth: Usual<AzureConfig> = Usual::default();
    let _seventh: Client<AzureConfig> = if flag { Client::default() } else { Azure::default() };
    let _eighth: Client<OpenAIConfig> = match flag { true => Client::default(), false => Own::default() };
    let _ninth: std::sync::Arc<Client<AzureConfig>> = std::sync::Arc::new(Client::default());
    let _tenth: Option<Own> = Some(Client::default());
    let eleventh = Client::default();
    takes(&eleventh);
    takes(&Client::default());
    let _twelfth: Client<_> = Client::<AzureConfig>::default();
    let _more: Client<OpenAIConfig> = None.unwrap_or_else(Client::default);
    let _yet: Client<AzureConfig> = None.unwrap_or_else(Client::default);
    let _pair = Pair(Client::default(), Client::default());
    let _closure = || -> Client<AzureConfig> { Client::default() };
    let _plain: Client<AzureConfig> = Default::default();
}

fn takes(_: &Client<AzureConfig>) {}

pub fn tail() -> Client<AzureConfig> { Client::default() }

pub fn own_tail() -> Client<OpenAIConfig> { Client::default() }

pub fn early(flag: bool) -> Client<AzureConfig> {
    if flag {
        return Client::default();
    }
    let inner = || { return Client::default(); };
    let _: Own = inner();
    Client::default()
}

pub fn fallible() -> Result<Client<AzureConfig>, String> { Ok(Client::default()) }

pub fn generic<C: Config + Default>() -> Client<C> { Client::default() }

static LAZY: std::sync::LazyLock<Client<AzureConfig>> = std::sync::LazyLock::new(|| Client::default());
static OWN: std::sync::LazyLock<Client<OpenAIConfig>> = std::sync::LazyLock::new(Client::default);

mod elsewhere {
    use async_openai::config as settings;
    pub type There = super::Open<settings::AzureConfig>;
    pub type Hidden = async_openai::Client<Second>;
    type Second = settings::OpenAIConfig;
}
