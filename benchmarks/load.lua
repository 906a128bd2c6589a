-- The requests that wrk sends, from the file BENCH_REQUESTS: one per line, separated by tabs.
--   read:   path, token         chosen at random
--   done:   path, token         in order; every pass through the file sets the other state
--   create: path, token, goal   chosen at random, each with a new id and a random day
-- BENCH_KIND is one of these; BENCH_SEED differs between runs.

local kind, seed = os.getenv("BENCH_KIND"), tonumber(os.getenv("BENCH_SEED"))
local requests, turn, is_done, moment = {}, 0, true, seed * 1000
local random = math.random

local function headers(token)
  local h = { ["Authorization"] = "Bearer " .. token, ["Host"] = "127.0.0.1" }
  if kind ~= "read" then h["Content-Type"] = "application/json" end
  return h
end

function init(args)
  math.randomseed(seed)
  for line in io.lines(os.getenv("BENCH_REQUESTS")) do
    local path, token, goal = line:match("^([^\t]+)\t([^\t]+)\t?(.*)$")
    local h = headers(token)
    if kind == "read" then
      requests[#requests + 1] = wrk.format("GET", path, h)
    elseif kind == "done" then
      requests[#requests + 1] = {
        [true] = wrk.format("PATCH", path, h, '{"is_done":true}'),
        [false] = wrk.format("PATCH", path, h, '{"is_done":false}'),
      }
    else
      requests[#requests + 1] = { path = path, headers = h, goal = goal }
    end
  end
end

-- A UUID of version 7, later than the one before.
local function new_id()
  moment = moment + 1
  local high, low = math.floor(moment / 65536), moment % 65536
  return string.format("%04x%04x-%04x-7%03x-8%03x-%04x%04x%04x",
    math.floor(high / 65536), high % 65536, low, random(0, 4095), random(0, 4095),
    random(0, 65535), random(0, 65535), random(0, 65535))
end

function request()
  if kind == "read" then return requests[random(#requests)] end
  if kind == "done" then
    turn = turn + 1
    if turn > #requests then turn, is_done = 1, not is_done end
    return requests[turn][is_done]
  end
  local one = requests[random(#requests)]
  local day = string.format("%04d-%02d-%02d", random(2040, 2049), random(1, 12), random(1, 28))
  local body = string.format('{"id":"%s","title":"Read Twenty Pages","goal":"%s","date":"%s"}',
    new_id(), one.goal, day)
  return wrk.format("POST", one.path, one.headers, body)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "bad_status": %d, '
      .. '"broken": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
