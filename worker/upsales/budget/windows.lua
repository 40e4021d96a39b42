-- The call windows of one Upsales key, by Redis's clock, in microseconds.
--
-- Upsales counts in fixed windows of unknown phase. Whatever the phase, none holds more than its limit if no stretch of its length does.
-- When a call reaches Upsales is known only to lie between its grant and its answer. So it counts from its grant on as in flight,
-- and its answer's time goes into a log; it stops counting one window after that. A window admits another call
-- if the (limit - in flight)-th newest answer is older than the window. One log serves all windows of a kind.
local op, config = ARGV[1], cjson.decode(ARGV[2])
local STATE, DAY, SPARED, HOLDS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local KINDS = {
  calls = { log = KEYS[5], flight = KEYS[6], promises = KEYS[7], windows = config.calls },
  writes = { log = KEYS[8], flight = KEYS[9], promises = KEYS[10], windows = config.writes },
}
local HOUR = 3600 * 1000000
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local this_hour = math.floor(now / HOUR)

local function int(number)
  return string.format('%.0f', number)
end

local function kinds_of(write)
  return write and { KINDS.calls, KINDS.writes } or { KINDS.calls }
end

local function longest(kind)
  local most = 0
  for _, window in ipairs(kind.windows) do most = math.max(most, window[1]) end
  return most
end

local function keep(key)
  redis.call('PEXPIRE', key, int(config.keep))
end

-- Another one after each start of Redis, which may come back with an old snapshot; empty where it may not be asked.
local function run_id()
  local told = redis.pcall('INFO', 'server')
  return type(told) == 'string' and string.match(told, 'run_id:(%x+)') or ''
end

-- What an earlier run of Redis counted lacks the calls since its snapshot: it is counted again, as after a wipe.
local function forget_earlier_runs()
  local run = run_id()
  if redis.call('HGET', STATE, 'run') == run then return end
  redis.call('DEL', STATE, HOLDS)
  for _, kind in pairs(KINDS) do redis.call('DEL', kind.log, kind.flight, kind.promises) end
  redis.call('HSET', STATE, 'run', run)
  keep(STATE)
end

-- What is counted by the hour: a day is this hour and the 24 before it.
local function count(key, number)
  if redis.call('HINCRBY', key, this_hour, number) == number then
    for _, hour in ipairs(redis.call('HKEYS', key)) do
      if tonumber(hour) < this_hour - 24 then redis.call('HDEL', key, hour) end
    end
  end
  redis.call('EXPIRE', key, 172800)
end

local function of_a_day(key)
  local sum, found = 0, redis.call('HGETALL', key)
  for index = 1, #found, 2 do
    if tonumber(found[index]) >= this_hour - 24 then sum = sum + tonumber(found[index + 1]) end
  end
  return sum
end

local function log_answer(kind)
  redis.call('LPUSH', kind.log, int(now))
  redis.call('LTRIM', kind.log, 0, longest(kind) - 1)
  keep(kind.log)
end

-- A call whose process died counts as answered when its time had surely run out.
local function end_lost(kind)
  for _ = 1, redis.call('ZREMRANGEBYSCORE', kind.flight, '-inf', int(now)) do log_answer(kind) end
end

-- One that Redis forgot meanwhile is logged all the same. Answers when it was granted.
local function settle(ticket, write)
  local granted
  for _, kind in ipairs(kinds_of(write)) do
    local expires = redis.call('ZSCORE', kind.flight, ticket)
    redis.call('ZREM', kind.flight, ticket)
    log_answer(kind)
    granted = expires and tonumber(expires) - config.hold
  end
  return granted
end

local function stamp_at(kind, position)
  return tonumber(redis.call('LINDEX', kind.log, position) or 0)
end

-- How many answers are newer than a time: the log is sorted, the newest first.
local function newer(kind, since)
  local low, high = 0, redis.call('LLEN', kind.log)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if stamp_at(kind, middle) > since then low = middle + 1 else high = middle end
  end
  return low
end

local function used(kind, window, at)
  return redis.call('ZCARD', kind.flight) + newer(kind, at - window[2])
end

-- What Upsales itself said is left of a window until it ends, when that is less than we thought.
local function cap_of(window)
  local found = redis.call('HMGET', STATE, 'cap:' .. window[1], 'until:' .. window[1])
  local ends = tonumber(found[2] or 0)
  if ends > now then return tonumber(found[1]), ends end
end

-- Calls on their way, and writes that a read was made for.
local function busy(kind)
  local held = kind == KINDS.writes and redis.call('ZCOUNT', HOLDS, int(now), '+inf') or 0
  return redis.call('ZCARD', kind.flight) + held
end

-- When a place comes free that nobody was promised, of those from `position` in the log on: the `number`-th has `number` before it.
local function free_at(kind, window, position, first)
  local number, at = 0, first
  while number <= position do
    at = stamp_at(kind, position - number) + window[2]
    local before = redis.call('ZCOUNT', kind.promises, int(first), int(at))
    if before <= number then return at end
    number = before
  end
  return now + window[2]
end

-- Microseconds until a window admits one more call. Those who wait are told times one after the other, as places come free,
-- but at most `spread` later than the first.
local function wait_for(kind, window, limit)
  local left, ends = cap_of(window)
  if left and left <= 0 then return ends - now end
  local position = limit - busy(kind) - 1
  if position < 0 then return config.poll end
  local first = stamp_at(kind, position) + window[2]
  if first <= now then return 0 end
  redis.call('ZREMRANGEBYSCORE', kind.promises, '-inf', int(now))
  return math.min(free_at(kind, window, position, first), first + config.spread) - now
end

-- The last places of a write window are for priority, as long as priority asked for any lately; those of the others are for writes,
-- while one waits for a place there. What comes `behind` live events always leaves them some.
local function limit_of(kind, window, write, priority, behind)
  local spare, kept = behind and math.floor(window[1] * config.spare) or 0
  if kind == KINDS.writes then
    kept = not priority and tonumber(redis.call('HGET', STATE, 'priority') or 0) >= now - window[2]
  else
    kept = not write and tonumber(redis.call('HGET', STATE, 'waiting') or 0) > now
  end
  return window[1] - math.max(spare, kept and math.ceil(window[1] * config.reserve) or 0)
end

local function daily_wait(priority)
  if config.daily_rule == 'continue' or of_a_day(DAY) < config.daily then return 0 end
  if config.daily_rule == 'priority' then return priority and 0 or HOUR - now % HOUR end
  return math.max(0, tonumber(redis.call('HGET', STATE, 'granted') or 0) + config.slow - now)
end

local function promise(kind, wait, ticket)
  redis.call('ZADD', kind.promises, int(now + wait), ticket)
  keep(kind.promises)
end

local function grant(write, ticket)
  for _, kind in ipairs(kinds_of(write)) do
    redis.call('ZADD', kind.flight, int(now + config.hold), ticket)
    keep(kind.flight)
    for _, window in ipairs(kind.windows) do
      if cap_of(window) then redis.call('HINCRBY', STATE, 'cap:' .. window[1], -1) end
    end
  end
  redis.call('HSET', STATE, 'granted', int(now))
  if write then redis.call('HDEL', STATE, 'waiting') end
  count(DAY, 1)
end

-- A read that leads to a write waits where the write would have to: it would be made in vain.
local function take(ticket, write, leading, priority, behind)
  local opens = redis.call('HGET', STATE, 'opens')
  if not opens or redis.call('EXISTS', DAY) == 0 then return { 'unknown', 0 } end
  keep(STATE)
  if write and priority then redis.call('HSET', STATE, 'priority', int(now)) end
  local wait, slowest = math.max(tonumber(opens) - now, daily_wait(priority)), nil
  for _, kind in ipairs(kinds_of(write or leading)) do
    end_lost(kind)
    for _, window in ipairs(kind.windows) do
      local found = wait_for(kind, window, limit_of(kind, window, write or leading, priority, behind))
      if found > wait then wait, slowest = found, kind end
    end
  end
  if wait > 0 then
    if slowest then promise(slowest, wait, ticket) end
    if (write or leading) and slowest == KINDS.calls then redis.call('HSET', STATE, 'waiting', int(now + wait + config.spread)) end
    return { 'wait', int(wait) }
  end
  grant(write, ticket)
  if leading and not write then
    redis.call('ZREMRANGEBYSCORE', HOLDS, '-inf', int(now))
    redis.call('ZADD', HOLDS, int(now + config.lead), ticket)
    keep(HOLDS)
  end
  return { 'granted', 0 }
end

-- Upsales's answer tells one window's limit, and what was left of it after this call. Measured against what we knew when the call
-- was granted, less is left only if somebody else uses the key too.
local function learn(granted, write, limit, remaining, reset)
  for _, kind in ipairs(kinds_of(write)) do
    for _, window in ipairs(kind.windows) do
      if window[1] == limit and remaining < limit - used(kind, window, granted) then
        local left = math.max(0, remaining - redis.call('ZCARD', kind.flight))
        local ends = now + (reset > 0 and math.min(reset, window[2]) or window[2])
        redis.call('HSET', STATE, 'cap:' .. limit, int(left), 'until:' .. limit, int(ends))
        return
      end
    end
  end
end

local function load_log(kind, stamps)
  for _, stamp in ipairs(redis.call('LRANGE', kind.log, 0, -1)) do stamps[#stamps + 1] = tonumber(stamp) end
  table.sort(stamps, function(one, other) return one > other end)
  redis.call('DEL', kind.log)
  for index = 1, math.min(#stamps, longest(kind)) do redis.call('RPUSH', kind.log, int(stamps[index])) end
  keep(kind.log)
end

-- `hours`: the account's calls by the hour; another of its keys may have counted on meanwhile.
local function load_day(hours)
  for hour, number in pairs(hours) do
    if tonumber(redis.call('HGET', DAY, hour) or 0) < number then redis.call('HSET', DAY, hour, int(number)) end
  end
  redis.call('HINCRBY', DAY, this_hour, 0)
  redis.call('EXPIRE', DAY, 172800)
end

-- `past`: for each call of the journal, how long ago it ended (below zero: it is open, so much longer at most) and whether it was a write.
local function load(past, hours, pause)
  load_day(hours)
  if redis.call('HEXISTS', STATE, 'opens') == 1 then return end
  local stamps = { calls = {}, writes = {} }
  for index, call in ipairs(past) do
    for name, kind in pairs(KINDS) do
      if name == 'calls' or call[2] then
        if call[1] >= 0 then
          table.insert(stamps[name], now - call[1])
        else
          redis.call('ZADD', kind.flight, int(now - call[1]), 'journal:' .. index)
          keep(kind.flight)
        end
      end
    end
  end
  for name, kind in pairs(KINDS) do load_log(kind, stamps[name]) end
  redis.call('HSET', STATE, 'opens', int(now + pause))
  keep(STATE)
end

local function use()
  local found = {}
  for name, kind in pairs(KINDS) do
    end_lost(kind)
    for index, window in ipairs(kind.windows) do
      local left = math.max(0, window[1] - used(kind, window, now))
      found[#found + 1] = { name, index, math.min(left, cap_of(window) or left) }
    end
  end
  return { found, of_a_day(DAY), of_a_day(SPARED) }
end

forget_earlier_runs()
if op == 'take' then
  if ARGV[6] ~= '' then settle(ARGV[6], ARGV[7] == '1') end
  if ARGV[10] ~= '' then redis.call('ZREM', HOLDS, ARGV[10]) end
  if tonumber(ARGV[8]) > 0 then count(SPARED, tonumber(ARGV[8])) end
  return take(ARGV[3], ARGV[4] == '1', ARGV[9] == '1', ARGV[5] == '1', ARGV[11] == '1')
elseif op == 'answer' then
  local write = ARGV[4] == '1'
  local granted = settle(ARGV[3], write)
  if granted and ARGV[5] ~= '' then learn(granted, write, tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])) end
elseif op == 'load' then
  load(cjson.decode(ARGV[3]), cjson.decode(ARGV[4]), tonumber(ARGV[5]))
else
  return use()
end
