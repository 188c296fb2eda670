create table accounts (
    uid bigint not null primary key,
    created bigint not null
);

create table directories (
    number bigint not null primary key,
    id text not null unique,
    account bigint not null references accounts (uid),
    -- The account, for its default directory; null for others.
    default_of bigint unique,
    -- A small number of its own, as on SQLite, where it begins the grams of the search index.
    slot bigint not null unique,
    root bigint not null,
    created bigint not null
);

create table units (
    directory bigint not null,
    number bigint not null,
    id text not null,
    parent bigint,
    name text not null,
    name_key text collate "C" not null,
    created bigint not null,
    updated bigint not null,
    primary key (directory, number),
    foreign key (directory, parent) references units (directory, number)
);
create unique index units_name on units (directory, parent, name_key);

-- Every unit with each unit above it and with itself; a cycle would need a second row of the same key.
create table unit_closure (
    directory bigint not null,
    descendant bigint not null,
    ancestor bigint not null,
    distance bigint not null,
    primary key (directory, descendant, ancestor),
    check ((distance = 0) = (descendant = ancestor)),
    foreign key (directory, descendant) references units (directory, number),
    foreign key (directory, ancestor) references units (directory, number)
);
create index unit_closure_ancestor on unit_closure (directory, ancestor, descendant);

create table groups (
    directory bigint not null,
    number bigint not null,
    id text not null,
    name text not null,
    name_key text collate "C" not null,
    description text not null,
    created bigint not null,
    updated bigint not null,
    primary key (directory, number)
);

create table users (
    directory bigint not null,
    number bigint not null,
    id text not null,
    username text not null,
    username_key text collate "C" not null,
    display_name text not null,
    display_key text collate "C" not null,
    description text not null,
    email text not null,
    email_key text collate "C" not null,
    phone_region text not null,
    phone text not null,
    owner_type bigint not null,
    role bigint not null,
    status bigint not null,
    locked bigint not null,
    -- Disabled or locked: shut whatever the clock says.
    shut bigint not null,
    locks_at bigint,
    locks_at_text text not null,
    lock_until bigint,
    local_admin bigint not null,
    is_system bigint not null,
    password_set_at bigint,
    password_days bigint,
    password_must_change bigint not null,
    created bigint not null,
    updated bigint not null,
    primary key (directory, number)
);
create unique index users_username on users (directory, username_key);
create index users_shut on users (directory, shut, number);
create index users_locks_at on users (directory, locks_at) where locks_at is not null;
create index users_lock_until on users (directory, lock_until) where lock_until is not null;

create table passwords (
    directory bigint not null,
    user_number bigint not null,
    hash text not null,
    primary key (directory, user_number),
    foreign key (directory, user_number) references users (directory, number)
);

create table unit_members (
    directory bigint not null,
    user_number bigint not null,
    unit bigint not null,
    -- 0 for the primary unit, 1 for a further one.
    place bigint not null,
    joined bigint not null,
    primary key (directory, user_number, unit),
    foreign key (directory, user_number) references users (directory, number),
    foreign key (directory, unit) references units (directory, number)
);
create unique index unit_members_unit on unit_members (directory, unit, user_number);

create table group_members (
    directory bigint not null,
    user_number bigint not null,
    group_number bigint not null,
    joined bigint not null,
    primary key (directory, user_number, group_number),
    foreign key (directory, user_number) references users (directory, number),
    foreign key (directory, group_number) references groups (directory, number)
);
create unique index group_members_group on group_members (directory, group_number, user_number);

create table totals (
    directory bigint not null,
    kind bigint not null,
    thing bigint not null,
    slot bigint not null,
    n bigint not null,
    primary key (directory, kind, thing, slot)
);

create table events (
    number bigint not null primary key,
    account bigint not null,
    directory bigint,
    at bigint not null,
    what text not null,
    subject text not null,
    name text not null,
    door text not null,
    principal text not null,
    source text not null,
    request text not null,
    digest text not null
);

-- What an event was about, apart from it, so that it can be erased together with its salt.
create table event_facts (
    event bigint not null primary key,
    salt text not null,
    before text,
    after text
);

-- Calls that changed something, so that none is accepted twice.
create table replays (
    access_key text not null,
    minute bigint not null,
    hash bigint not null,
    primary key (access_key, minute, hash)
);

create table access_keys (
    id text not null primary key,
    account bigint not null references accounts (uid),
    sealed text not null,
    active bigint not null,
    created bigint not null
);

-- A number for each subject that a process may hold in memory, raised with every change to it.
create table generations (
    subject text not null primary key,
    n bigint not null
);

-- The search index. Users are taken together in segments, each named by its last number; nothing is written
-- here for users who follow the last segment. `starts` cuts a segment into up to 4,096 places: null while
-- the segment is announced and not yet sealed.
create table search_segment (
    directory bigint not null,
    last bigint not null,
    starts bytea,
    primary key (directory, last)
);

-- The places of a segment that have a gram.
create table search_gram (
    directory bigint not null,
    gram bigint not null,
    segment bigint not null,
    places bytea not null,
    primary key (directory, gram, segment)
);

-- Users of a segment whose texts are newer than it, each with the transaction that wrote them.
create table search_queue (
    directory bigint not null,
    number bigint not null,
    change bigint not null,
    primary key (directory, number, change)
);
