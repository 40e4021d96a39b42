-- The sender's windows of one token, by Redis's clock, in microseconds.
--
-- Each call that was granted stands in a log, the newest first. A window admits another one if the limit-th newest is older than it.
-- What the sender itself closes (429) is closed for everybody.
local op, LOG, CLOSED = ARGV[1], KEYS[1], KEYS[2]
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local function int(number)
  return string.format('%.0f', number)
end

if op == 'close' then
  local ends = now + tonumber(ARGV[2])
  if ends > tonumber(redis.call('GET', CLOSED) or 0) then
    redis.call('SET', CLOSED, int(ends), 'PX', int(math.ceil(tonumber(ARGV[2]) / 1000) + 1000))
  end
  return 0
end

local wait = math.max(0, tonumber(redis.call('GET', CLOSED) or 0) - now)
local windows = cjson.decode(ARGV[2])
local most, longest = 0, 0
for _, window in ipairs(windows) do
  local stamp = redis.call('LINDEX', LOG, window[1] - 1)
  if stamp then wait = math.max(wait, tonumber(stamp) + window[2] - now) end
  most, longest = math.max(most, window[1]), math.max(longest, window[2])
end
if wait > 0 then return int(wait) end
if most > 0 then
  redis.call('LPUSH', LOG, int(now))
  redis.call('LTRIM', LOG, 0, most - 1)
  redis.call('PEXPIRE', LOG, int(math.ceil(longest / 1000) + 1000))
end
return 0
