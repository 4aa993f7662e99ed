-- For wrk: counts answers that are what they should be, and says what it saw as one line of JSON.
-- Arguments: status, fewest and most bytes of the body, a file with one body to post a line (or "-"), milliseconds that
-- a connection rests between two requests, as a rule.
good, bad, bytes, wrong = 0, 0, 0, ""
local threads, bodies, turn = {}, {}, 0

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  status, fewest, most = tonumber(args[1]), tonumber(args[2]), tonumber(args[3])
  if args[4] ~= "-" then
    for line in io.lines(args[4]) do table.insert(bodies, line) end
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
    turn = math.random(#bodies)
  end
  local pause = tonumber(args[5])
  if pause > 0 then
    delay = function() return math.random(0, 2 * pause) end  -- together they would knock in step
  end
end

function request()
  if #bodies == 0 then return wrk.format() end
  turn = turn % #bodies + 1
  return wrk.format(nil, nil, nil, bodies[turn])
end

function response(code, headers, body)
  if code == status and #body >= fewest and #body <= most then
    good = good + 1
  else
    bad = bad + 1
    if wrong == "" then wrong = code .. " with " .. #body .. " bytes" end
  end
  bytes = bytes + #body
end

function done(summary, latency, requests)
  local all = {good = 0, bad = 0, bytes = 0}
  local seen = ""
  for _, thread in ipairs(threads) do
    for name in pairs(all) do all[name] = all[name] + thread:get(name) end
    if seen == "" then seen = thread:get("wrong") end
  end
  local e = summary.errors
  io.write(string.format(
    '{"good":%d,"bad":%d,"bytes":%d,"errors":%d,"seconds":%f,"p50":%f,"p95":%f,"p99":%f,"wrong":"%s"}\n',
    all.good, all.bad, all.bytes, e.connect + e.read + e.write + e.timeout, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, seen))
end
