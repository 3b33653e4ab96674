pub struct State {
    pub workspace_id: String,
}

pub struct Numbered {
    pub workspace_id: u64,
}

pub struct Without;
