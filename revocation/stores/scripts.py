"""What Redis runs for us. Each script is one round trip, and nothing comes between its commands.

Every key of a deployment has the same hash tag, so that a cluster keeps them on one node. The
*state* of a node is its run id and how many keys it has evicted: for as long as it stays the same,
nothing that was written is lost, short of `FLUSHALL`, which takes the marker along.
"""

_RUN = """
local function run()
    return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
"""
_STATE = f"""{_RUN}
local function state()
    return run() .. '/' .. string.match(redis.call('INFO', 'stats'), 'evicted_keys:(%d+)')
end
local function milliseconds()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end
"""
_KEEP = """
local function keep(key, life)
    if redis.call('PTTL', key) < tonumber(life) then
        redis.call('SET', key, '', 'PX', life)
    end
end
"""

_POLICY = """
local function policy()
    return string.match(redis.call('INFO', 'memory'), 'maxmemory_policy:([%w-]+)')
end
"""

# KEYS: the marker, then what may be revoked.
# Returns how many of those are, the marker, the state, and the time in milliseconds.
ASK = f"""{_STATE}
local hits = redis.call('EXISTS', unpack(KEYS, 2))
return {{hits, redis.call('GET', KEYS[1]), state(), milliseconds()}}
"""

# Returns by what policy keys are evicted when memory is full.
POLICY = f"{_POLICY} return policy()"

# KEYS: what is revoked. ARGV: for each, how many milliseconds it stays so. Shortens nothing.
# Returns the run id.
TELL = f"""{_KEEP}{_RUN}
for position, key in ipairs(KEYS) do keep(key, ARGV[position]) end
return run()
"""

# KEYS: the marker, the copier. ARGV: who wants to copy, for how many milliseconds, and how:
# `gently` (unless somebody else copies, or has done so within ARGV[4] milliseconds), `firmly`
# (anybody else must stop), or `still` (if nobody has come between, and nothing was flushed).
# Returns nothing where that cannot be, else the marker, the state, the time in milliseconds, and by
# what policy keys are evicted when memory is full.
BEGIN = f"""{_STATE}{_POLICY}
local copier, marker = redis.call('GET', KEYS[2]), redis.call('GET', KEYS[1])
local how, now, node = ARGV[3], milliseconds(), state()
if how == 'still' and copier ~= ARGV[1] then return nil end
if how == 'gently' then
    if copier and copier ~= ARGV[1] then return nil end
    local copied, begun = string.match(marker or '', '^(%S+) (%d+)')
    local age = now - tonumber(begun or 0)
    if copied == node and age >= 0 and age < tonumber(ARGV[4]) then return nil end
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {{marker, node, now, policy()}}
"""

# KEYS: the copier, then what is revoked. ARGV: who copies, for how many milliseconds more, then as
# for TELL. Returns 0 where somebody else copies instead, or everything was flushed.
COPY = f"""{_KEEP}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
for position = 2, #KEYS do keep(KEYS[position], ARGV[position + 1]) end
return 1
"""

# KEYS: the marker, the copier. ARGV: who copied, the state when it began, the new marker, and for
# how many milliseconds to keep it. Returns 0 where what was copied may be gone.
FINISH = f"""{_STATE}
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
if state() ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
"""

# KEYS: the copier. ARGV: who gives up copying.
GIVE_UP = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""
