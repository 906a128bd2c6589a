-- Requests for wrk, from the file BENCH_REQUESTS: one a line, its parts separated by tabs.
--   read:   path, token              drawn at random
--   done:   path, token              in the order given; each pass over all of them sets the other state
--   create: path, token, goal        drawn at random, each with an id and a day of its own
-- BENCH_KIND says which; BENCH_SEED is another number for every run.

local kind, seed = os.getenv("BENCH_KIND"), tonumber(os.getenv("BENCH_SEED"))
local requests, tokens, goals, turn, state, moment = {}, {}, {}, 0, true, 0
local draw = math.random

local function headers(token, body)
  local h = { ["Authorization"] = "Bearer " .. token, ["Host"] = "127.0.0.1" }
  if body then h["Content-Type"] = "application/json" end
  return h
end

function init(args)
  math.randomseed(seed)
  moment = seed * 1000
  for line in io.lines(os.getenv("BENCH_REQUESTS")) do
    local path, token, goal = line:match("^([^\t]+)\t([^\t]+)\t?(.*)$")
    if kind == "read" then
      requests[#requests + 1] = wrk.format("GET", path, headers(token))
    elseif kind == "done" then
      local h = headers(token, true)
      requests[#requests + 1] = {
        [true] = wrk.format("PATCH", path, h, '{"is_done":true}'),
        [false] = wrk.format("PATCH", path, h, '{"is_done":false}'),
      }
    else
      requests[#requests + 1], tokens[#tokens + 1], goals[#goals + 1] = path, headers(token, true), goal
    end
  end
end

-- A UUID of version 7, later than the one before.
local function new_id()
  moment = moment + 1
  local high, low = math.floor(moment / 65536), moment % 65536
  return string.format("%04x%04x-%04x-7%03x-8%03x-%04x%04x%04x", math.floor(high / 65536), high % 65536, low,
    draw(0, 4095), draw(0, 4095), draw(0, 65535), draw(0, 65535), draw(0, 65535))
end

local function free_day()
  return string.format("%04d-%02d-%02d", draw(2040, 2049), draw(1, 12), draw(1, 28))
end

function request()
  if kind == "read" then return requests[draw(#requests)] end
  if kind == "done" then
    turn = turn + 1
    if turn > #requests then turn, state = 1, not state end
    return requests[turn][state]
  end
  local n = draw(#requests)
  local body = string.format('{"id":"%s","title":"Read Twenty Pages","goal":"%s","date":"%s"}', new_id(), goals[n], free_day())
  return wrk.format("POST", requests[n], tokens[n], body)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests": %d, "microseconds": %d, "bytes": %d, "p50": %d, "p99": %d, "bad_status": %d, "broken": %d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
