extern crate acme_llm as bot;
extern crate async_openai as ai;

mod deep;

fn main() {
    deep::make();
}
