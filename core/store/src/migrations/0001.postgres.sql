create table accounts (
    uid bigint not null primary key,
    -- What operators call it.
    name text not null unique,
    -- What end users type into clients; made when it is first asked for.
    alias text unique,
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
    name text not null,
    name_key text collate "C" not null,
    description text not null,
    -- How many people it may hold; 0 for no end.
    most_users bigint not null,
    created bigint not null,
    updated bigint not null,
    -- When it was removed: nobody sees it any more, and what is in it goes later.
    removed bigint
);

create table units (
    directory bigint not null,
    number bigint not null,
    id text not null,
    parent bigint,
    name text not null,
    name_key text collate "C" not null,
    description text not null,
    -- What another system calls it; the unit's own id where there is none.
    external_id text collate "C",
    -- Which user made it, or nobody that is one.
    creator text not null,
    -- The part of the directory that it is said to be in; empty for none.
    label text not null,
    created bigint not null,
    updated bigint not null,
    primary key (directory, number),
    foreign key (directory, parent) references units (directory, number)
);
create unique index units_name on units (directory, parent, name_key);
create unique index units_external on units (directory, external_id) where external_id is not null;

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
    -- The folded name again, where no other group may claim it.
    claim text collate "C",
    description text not null,
    -- As of units.
    external_id text collate "C",
    created bigint not null,
    updated bigint not null,
    -- As of directories.
    removed bigint,
    primary key (directory, number)
);
create unique index groups_claim on groups (directory, claim);
create index groups_name on groups (directory, name_key) where removed is null;
create unique index groups_external on groups (directory, external_id)
    where external_id is not null and removed is null;
create index groups_removed on groups (directory) where removed is not null;

create table users (
    directory bigint not null,
    number bigint not null,
    id text collate "C" not null,
    -- What its maker chose to call it by; the digits of the id where there is none.
    chosen_id text collate "C",
    username text not null,
    username_key text collate "C" not null,
    display_name text not null,
    display_key text collate "C" not null,
    description text not null,
    email text not null,
    email_key text collate "C" not null,
    email_verified bigint not null,
    phone_region text collate "C" not null,
    phone text collate "C" not null,
    phone_verified bigint not null,
    -- As of units.
    external_id text collate "C",
    owner_type bigint not null,
    role bigint not null,
    status bigint not null,
    locked bigint not null,
    -- Disabled, locked, or past its time when somebody last looked.
    shut bigint not null,
    locks_at bigint,
    locks_at_text text not null,
    lock_until bigint,
    local_admin bigint not null,
    is_system bigint not null,
    password_set_at bigint,
    password_days bigint,
    password_must_change bigint not null,
    -- Tokens and sessions that began before are over.
    signed_out bigint,
    created bigint not null,
    updated bigint not null,
    primary key (directory, number)
);
create unique index users_username on users (directory, username_key);
create unique index users_chosen on users (directory, chosen_id) where chosen_id is not null;
create unique index users_external on users (directory, external_id) where external_id is not null;
create index users_email on users (directory, email_key, number) where email_key <> '';
create index users_phone on users (directory, phone, number) where phone <> '';
create index users_region on users (directory, phone_region, number) where phone_region <> '';
create index users_display on users (directory, display_key, number);
create index users_updated on users (directory, updated, number);
-- Who is known by the digits of the own id.
create index users_digits on users (directory, number) where chosen_id is null;
create index users_status on users (directory, status, number);
create index users_state on users (directory, shut, owner_type, number);
create index users_state_name on users (directory, shut, owner_type, username_key);
create index users_locks_at on users (directory, locks_at) where locks_at is not null and shut = 0;
create index users_lock_until on users (directory, lock_until) where lock_until is not null;
create index users_role on users (directory, role, number) where role > 0;
create index users_system on users (directory, number) where is_system = 1;

-- What of users few have, or only programs of PDS ask for. Who has none of it has no row.
create table profiles (
    directory bigint not null,
    user_number bigint not null,
    -- JSON that programs keep with the user.
    user_data text not null,
    -- Which user made this one, `system`, or nobody that is one.
    creator text not null,
    -- The part of the directory that the user is said to be in.
    label text collate "C" not null,
    -- Whether the user is kept from changing the own password.
    keeps_password bigint not null,
    -- When the user last signed in for a token.
    signed_in bigint,
    -- When a token was last made anew.
    refreshed bigint,
    -- When the user last signed in on the pages.
    visited bigint,
    primary key (directory, user_number),
    foreign key (directory, user_number) references users (directory, number)
);
create index profiles_label on profiles (directory, label, user_number) where label <> '';

-- Pictures of users, apart from what is read with every user. Whether one is an address of http lies before it: so a
-- list that shows addresses only reads no other picture.
create table avatars (
    directory bigint not null,
    user_number bigint not null,
    is_address bigint not null,
    avatar text not null,
    primary key (directory, user_number),
    foreign key (directory, user_number) references users (directory, number)
);

create table passwords (
    directory bigint not null,
    user_number bigint not null,
    hash text not null,
    primary key (directory, user_number),
    foreign key (directory, user_number) references users (directory, number)
);

-- The passwords that users had before the present one; the largest numbers are the newest.
create table password_history (
    directory bigint not null,
    user_number bigint not null,
    number bigint not null,
    hash text not null,
    primary key (directory, user_number, number),
    foreign key (directory, user_number) references users (directory, number)
);

-- Who was reminded that a password ends.
create table password_reminders (
    directory bigint not null,
    user_number bigint not null,
    -- When the password that it was about was set.
    set_at bigint not null,
    sent bigint not null,
    primary key (directory, user_number),
    foreign key (directory, user_number) references users (directory, number)
);

-- Passwords that were wrong, for names that users have and names that nobody has alike.
create table failures (
    directory bigint not null,
    -- `u:` and a user's number, or `n:` and a keyed digest of the folded name: wrong passwords. The same with `f`
    -- before it: messages that somebody has asked for who has forgotten a password.
    key text collate "C" not null,
    failures bigint not null,
    -- When the first of them was, or from when on they are counted.
    first bigint not null,
    -- How often they have led to a lock, without a success between.
    locks bigint not null,
    -- Until when the last lock is.
    until bigint,
    -- From when on nothing of this counts.
    forgotten bigint not null,
    primary key (directory, key)
);
create index failures_forgotten on failures (forgotten);

-- What users prove a sign-in with beside the password: codes of one device each.
create table devices (
    directory bigint not null,
    user_number bigint not null,
    number bigint not null,
    id text not null,
    -- What codes are made from, sealed.
    secret text not null,
    -- 0 for normal, 1 for locked.
    status bigint not null,
    -- Wrong codes in a row.
    failures bigint not null,
    -- When a locked one opens by itself; null where an administrator has locked it.
    unlock_at bigint,
    -- Null while the user has not shown a code of it.
    enabled_at bigint,
    -- The step of the last code that was taken: none is good twice.
    last_step bigint,
    primary key (directory, user_number),
    foreign key (directory, user_number) references users (directory, number)
);
create unique index devices_number on devices (directory, number);

-- Codes that stand for a device that is lost, hashed; each is good once.
create table recovery_codes (
    directory bigint not null,
    user_number bigint not null,
    hash text not null,
    primary key (directory, user_number, hash),
    foreign key (directory, user_number) references users (directory, number)
);

-- Links that lead to a new password, hashed; each is good once.
create table reset_links (
    hash text not null primary key,
    directory bigint not null,
    user_number bigint not null,
    -- 1 for an invitation, 2 for an administrator's wish, 3 for a forgotten password.
    purpose bigint not null,
    created bigint not null,
    expires bigint not null,
    foreign key (directory, user_number) references users (directory, number)
);
create index reset_links_user on reset_links (directory, user_number);
create index reset_links_expires on reset_links (expires);

-- Browsers that are signed in, or about to be: their keys, hashed.
create table sessions (
    hash text not null primary key,
    directory bigint not null,
    user_number bigint not null,
    -- What lists show, and a session is ended by.
    id text not null,
    created bigint not null,
    used bigint not null,
    expires bigint not null,
    -- The address that it came from.
    source text not null,
    -- What the browser calls itself.
    agent text not null,
    -- 1: the password is proved, and must be changed first; 2: it is proved, and a code is due; 3: all is proved.
    step bigint not null,
    foreign key (directory, user_number) references users (directory, number)
);
create index sessions_user on sessions (directory, user_number);
create index sessions_expires on sessions (expires);

-- What opens an account beside its username, or stands for it elsewhere: an address, a number, a name in another system.
-- It is one user's alone.
create table identities (
    directory bigint not null,
    -- `email`, `mobile`, another type of account, or the source.
    kind text collate "C" not null,
    identity text collate "C" not null,
    -- The region of a number; empty elsewhere.
    extra text collate "C" not null,
    number bigint not null,
    user_number bigint not null,
    -- It is held as the user's contact data, or as a link, or as both.
    contact bigint not null,
    linked bigint not null,
    -- As it was given, where it was given as a link.
    given text not null,
    -- How a link is shown; empty for as it was given.
    display_name text not null,
    created bigint not null,
    -- When it last served to sign in.
    used bigint,
    primary key (directory, kind, identity, extra),
    foreign key (directory, user_number) references users (directory, number)
);
create index identities_user on identities (directory, user_number, number);

create table unit_members (
    directory bigint not null,
    user_number bigint not null,
    unit bigint not null,
    -- 0 for the primary unit, 1 for a further one.
    place bigint not null,
    joined bigint not null,
    -- What the member is called there: 0 a member, 1 an administrator, which gives no rights; and a remark.
    role bigint not null,
    note text not null,
    -- Which user put the member there, or nobody that is one.
    creator text not null,
    -- When role or note last changed.
    updated bigint,
    -- The user's, so that members can be read in the order of names.
    username_key text collate "C" not null,
    primary key (directory, user_number, unit),
    foreign key (directory, user_number) references users (directory, number),
    foreign key (directory, unit) references units (directory, number)
);
create unique index unit_members_unit on unit_members (directory, unit, user_number);
create index unit_members_name on unit_members (directory, unit, username_key);
-- Who is in more than one unit.
create index unit_members_further on unit_members (directory, unit, user_number) where place = 1;

-- Who administers which unit.
create table assignments (
    directory bigint not null,
    unit bigint not null,
    user_number bigint not null,
    -- Whether the units below are left out.
    only_unit bigint not null,
    creator text not null,
    created bigint not null,
    updated bigint not null,
    primary key (directory, unit, user_number),
    foreign key (directory, unit) references units (directory, number),
    foreign key (directory, user_number) references users (directory, number)
);
create index assignments_user on assignments (directory, user_number, unit);

-- Drives, without what is in them.
create table drives (
    directory bigint not null,
    number bigint not null,
    id text not null,
    name text not null,
    name_key text collate "C" not null,
    description text not null,
    -- The owner: a user or a unit, never both.
    user_number bigint,
    unit bigint,
    -- Whether it is its user's default one.
    is_default bigint not null,
    status bigint not null,
    -- In bytes; -1 for no end.
    total_size bigint not null,
    used_size bigint not null,
    label text collate "C" not null,
    creator text not null,
    created bigint not null,
    updated bigint not null,
    primary key (directory, number),
    check ((user_number is null) <> (unit is null)),
    foreign key (directory, user_number) references users (directory, number),
    foreign key (directory, unit) references units (directory, number)
);
create index drives_user on drives (directory, user_number, number) where user_number is not null;
create unique index drives_default on drives (directory, user_number) where is_default = 1;
create index drives_unit on drives (directory, unit, number) where unit is not null;

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
create index group_members_joined on group_members (directory, group_number, joined, user_number);

create table properties (
    directory bigint not null,
    number bigint not null,
    id text not null,
    name text not null,
    name_key text collate "C" not null,
    display_name text not null,
    kind bigint not null,
    required bigint not null,
    is_unique bigint not null,
    encrypted bigint not null,
    enabled bigint not null,
    -- The value of who is given none.
    default_value text,
    -- What people may do with it themselves: 0 nothing, 1 see it, 2 change it.
    permission bigint not null,
    description text not null,
    created bigint not null,
    updated bigint not null,
    -- As of directories.
    removed bigint,
    primary key (directory, number)
);
create unique index properties_name on properties (directory, name_key) where removed is null;
create index properties_removed on properties (directory) where removed is not null;

create table property_items (
    directory bigint not null,
    number bigint not null,
    property bigint not null,
    item text not null,
    display_name text not null,
    enabled bigint not null,
    -- As of directories.
    removed bigint,
    primary key (directory, number),
    foreign key (directory, property) references properties (directory, number)
);
create index property_items_property on property_items (directory, property, number);
create index property_items_removed on property_items (directory) where removed is not null;

-- The values that users have.
create table user_values (
    directory bigint not null,
    user_number bigint not null,
    property bigint not null,
    item bigint not null,
    username_key text collate "C" not null,
    primary key (directory, user_number, property, item),
    foreign key (directory, user_number) references users (directory, number),
    foreign key (directory, item) references property_items (directory, number)
);
create unique index user_values_item on user_values (directory, item, user_number);
create index user_values_name on user_values (directory, item, username_key);

-- The values that users have of properties without items, or encrypted: one text each.
create table user_texts (
    directory bigint not null,
    user_number bigint not null,
    property bigint not null,
    -- Sealed where the property is encrypted.
    value text not null,
    -- Of the value, where no two users may have the same one.
    digest text collate "C",
    primary key (directory, user_number, property),
    foreign key (directory, user_number) references users (directory, number),
    foreign key (directory, property) references properties (directory, number)
);
create index user_texts_property on user_texts (directory, property, user_number);
create unique index user_texts_digest on user_texts (directory, property, digest) where digest is not null;

-- What an administrator configured, by kind, as JSON; the default where there is no row.
create table configurations (
    directory bigint not null,
    kind text collate "C" not null,
    value text not null,
    primary key (directory, kind)
);

create table totals (
    directory bigint not null,
    kind bigint not null,
    thing bigint not null,
    slot bigint not null,
    n bigint not null,
    primary key (directory, kind, thing, slot)
);

-- Messages to people that are still to be sent: what, about whom, by which way. Who gets it and what it says is
-- decided when it is sent.
create table outbox (
    directory bigint not null,
    number bigint not null,
    template text not null,
    -- About whom.
    user_number bigint not null,
    -- The number of the user who gets it; null while that is not decided, which it is as it is sent.
    recipient bigint,
    -- 1 for mail, 2 for a text message.
    way bigint not null,
    created bigint not null,
    -- When it is to be sent, or tried again.
    due bigint not null,
    -- How often it was tried, since somebody has asked for it anew.
    attempts bigint not null,
    -- How often it was taken to be sent at all: of two senders the later one has the higher figure.
    claims bigint not null,
    -- Until when it is one sender's alone.
    claimed_until bigint,
    -- Since when nobody tries any more.
    failed bigint,
    -- What the last attempt failed with, without secrets; empty for nothing.
    trouble text not null,
    -- What else it says, as JSON without secrets.
    facts text not null,
    primary key (directory, number),
    foreign key (directory, user_number) references users (directory, number)
);
create index outbox_user on outbox (directory, user_number);
-- What waits and what was given up are looked for by way: without an endpoint for text messages these wait for ever.
create index outbox_due on outbox (way, due) where failed is null;
create index outbox_created on outbox (way, created) where failed is null;
create index outbox_failed on outbox (way, failed) where failed is not null;

-- Texts of messages that an administrator has changed.
create table templates (
    directory bigint not null,
    name text collate "C" not null,
    language text collate "C" not null,
    -- As of the outbox.
    way bigint not null,
    subject text not null,
    text text not null,
    -- Empty for none.
    html text not null,
    updated bigint not null,
    primary key (directory, name, language, way)
);

-- Work that one process does at a time: which, until when it is its own, and which process that is.
create table leases (
    name text not null primary key,
    until bigint not null,
    holder text not null
);

-- One-time codes for a manager's data, hashed.
create table auth_codes (
    hash text not null primary key,
    directory bigint not null,
    user_number bigint not null,
    expires bigint not null,
    foreign key (directory, user_number) references users (directory, number)
);
create index auth_codes_user on auth_codes (directory, user_number);
create index auth_codes_expires on auth_codes (expires);

-- Apps that may ask for tokens.
create table apps (
    id text not null primary key,
    account bigint not null references accounts (uid),
    name text not null,
    -- The key that its assertions are signed with, as PEM.
    public_key text not null,
    -- Where people are sent back to; empty for an app that signs nobody in.
    redirect_uri text not null,
    -- Keyed digest of its secret; empty for an app without one.
    secret text not null,
    created bigint not null
);

-- The keys that tokens are signed with.
create table signing_keys (
    id text not null primary key,
    -- The private key, sealed.
    sealed text not null,
    -- The public key, as DER in base64.
    public_key text not null,
    created bigint not null
);

-- Tokens that get new tokens, hashed. A chain begins with a sign-in and ends as a whole.
create table refresh_tokens (
    hash text not null primary key,
    chain text not null,
    directory bigint not null,
    -- Null for the app itself.
    user_number bigint,
    app text not null,
    issued bigint not null,
    expires bigint not null,
    -- When it got a new one; it may do so for a moment more.
    spent bigint,
    foreign key (directory, user_number) references users (directory, number)
);
create index refresh_tokens_user on refresh_tokens (directory, user_number);
create index refresh_tokens_chain on refresh_tokens (chain);
create index refresh_tokens_app on refresh_tokens (app);
create index refresh_tokens_expires on refresh_tokens (expires);

-- Assertions of apps that were taken, for as long as they would be good: each is good once.
create table assertions (
    app text not null,
    -- Hash of what its app has marked it with.
    mark text not null,
    expires bigint not null,
    primary key (app, mark)
);
create index assertions_expires on assertions (expires);

-- Codes that people bring back to apps, hashed; each is good for one token.
create table oauth_codes (
    hash text not null primary key,
    directory bigint not null,
    user_number bigint not null,
    app text not null,
    redirect_uri text not null,
    expires bigint not null,
    foreign key (directory, user_number) references users (directory, number)
);
create index oauth_codes_user on oauth_codes (directory, user_number);
create index oauth_codes_expires on oauth_codes (expires);

create table resource_groups (
    account bigint not null references accounts (uid),
    number bigint not null,
    id text not null,
    name text not null,
    name_key text collate "C" not null,
    classification text not null,
    agent_type text not null,
    created bigint not null,
    -- As of directories.
    removed bigint,
    primary key (account, number)
);
create unique index resource_groups_name on resource_groups (account, name_key) where removed is null;
create index resource_groups_removed on resource_groups (account) where removed is not null;

-- What lies in resource groups; other systems own it.
create table resources (
    account bigint not null,
    kind text collate "C" not null,
    region text collate "C" not null,
    id text collate "C" not null,
    resource_group bigint not null,
    primary key (account, kind, region, id),
    foreign key (account, resource_group) references resource_groups (account, number)
);
create index resources_group on resources (account, resource_group);

create table events (
    -- Whole ids, because a change may have many events and numbers of two processes would meet.
    id text collate "C" not null primary key,
    -- 0 for what belongs to the installation.
    account bigint not null,
    directory bigint,
    at bigint not null,
    what text not null,
    subject text collate "C" not null,
    door text not null,
    principal text not null,
    -- The AccessKeyId of who came with one, which tells sessions of a role apart; empty for others.
    access_key text not null,
    source text not null,
    request text not null,
    -- Of the facts and their salt.
    digest text not null,
    -- Of this row, by a key that is not in the database: the key's number, a colon, and digits.
    mac text not null
);
create index events_subject on events (subject, id);

-- What an event was about, apart from it, so that it can be erased together with its salt: then only the event is left
-- that has erased it.
create table event_facts (
    event text collate "C" not null primary key,
    salt text,
    name text,
    before text,
    after text,
    erased text
);

-- Events that have no seal yet, put here with them.
create table unsealed (
    event text collate "C" not null primary key
);

-- The chain: each event in the order in which it was sealed, counted from 1, with a code over it and all before it.
create table seals (
    n bigint not null primary key,
    account bigint not null,
    event text collate "C" not null,
    link text not null
);
create unique index seals_event on seals (event);
create index seals_account on seals (account, n);

-- The chain's segments, each sealed with one key, within one day. They stay where their events are cut off.
create table seal_segments (
    number bigint not null primary key,
    key_number bigint not null,
    -- The numbers of its first and its last event so far.
    first bigint not null,
    last bigint not null,
    -- The link that it begins from, and the one it has come to.
    previous text not null,
    link text not null,
    begun bigint not null,
    closed bigint,
    cut bigint,
    -- Of this row.
    mac text not null
);

-- What calls with a token of the caller's answered, so that the same call is made once and answered again.
create table client_tokens (
    account bigint not null,
    -- The directory's number; 0 for what belongs to the account.
    directory bigint not null,
    action text collate "C" not null,
    token text collate "C" not null,
    -- Of what the call said, keyed.
    digest text not null,
    reply text not null,
    expires bigint not null,
    primary key (account, directory, action, token)
);
create index client_tokens_expires on client_tokens (expires);

-- Calls that changed something, so that none is accepted twice. In the order in which they are forgotten.
create table replays (
    minute bigint not null,
    access_key text collate "C" not null,
    hash bigint not null,
    primary key (minute, access_key, hash)
);

-- Who acts for an account beside its root.
create table ram_users (
    account bigint not null references accounts (uid),
    number bigint not null,
    -- 18 digits.
    id text not null,
    name text not null,
    name_key text collate "C" not null,
    display_name text not null,
    comments text not null,
    email text not null,
    mobile text not null,
    created bigint not null,
    updated bigint not null,
    primary key (account, number)
);
create unique index ram_users_name on ram_users (account, name_key);

-- What others may act as for a while.
create table ram_roles (
    account bigint not null references accounts (uid),
    number bigint not null,
    -- 18 digits.
    id text not null,
    name text not null,
    name_key text collate "C" not null,
    description text not null,
    -- The document that says who may assume it.
    trust text not null,
    -- How long a session may last at most, in seconds.
    longest bigint not null,
    created bigint not null,
    updated bigint not null,
    primary key (account, number)
);
create unique index ram_roles_name on ram_roles (account, name_key);

-- Policies of accounts; those of the system are in the program.
create table ram_policies (
    account bigint not null references accounts (uid),
    name_key text collate "C" not null,
    name text not null,
    description text not null,
    document text not null,
    -- Which document it is, counted from 1.
    version bigint not null,
    created bigint not null,
    updated bigint not null,
    primary key (account, name_key)
);

create table ram_attachments (
    account bigint not null references accounts (uid),
    -- 0 a user, 1 a role; its number.
    holder bigint not null,
    number bigint not null,
    -- 0 a policy of the system, 1 one of the account; its folded name.
    kind bigint not null,
    policy text collate "C" not null,
    attached bigint not null,
    primary key (account, holder, number, kind, policy)
);
create index ram_attachments_policy on ram_attachments (account, kind, policy);

create table access_keys (
    id text collate "C" not null primary key,
    account bigint not null references accounts (uid),
    -- The RAM user that it is of; null for the account's root.
    user_number bigint,
    sealed text not null,
    active bigint not null,
    created bigint not null,
    -- When a call last came with it, to about a minute, and through which door; null and empty where none has.
    used bigint,
    used_door text not null,
    foreign key (account, user_number) references ram_users (account, number)
);
create index access_keys_holder on access_keys (account, user_number);

-- A number for each subject that a process may hold in memory, raised with every change to it.
create table generations (
    subject text not null primary key,
    n bigint not null
);

-- Lets a change commit only where what it was decided by is still so: it waits for whoever changes that at the moment,
-- keeps others from changing it until this transaction is over, and fails where it has changed. Each of its statements
-- sees what was committed before it, which a single statement would not.
create function stands(held_subject text, held_n bigint) returns void language plpgsql volatile as $$
begin
    perform pg_advisory_xact_lock_shared(1936028771, hashtext(held_subject));
    if coalesce((select n from generations where subject = held_subject), 0) <> held_n then
        raise exception 'decided by what has changed' using errcode = 'RS001';
    end if;
end $$;

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
