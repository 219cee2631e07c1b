-- Sends one request over and over, with several tokens in turns, compares every answer with the
-- right one, and prints what it found as one line of JSON.

local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init()
   turn, wrong, sample = 0, 0, ""
   expected = os.getenv("LOAD_EXPECTED")
   requests = {}
   for token in os.getenv("LOAD_CREDENTIALS"):gmatch("[^\n]+") do
      local headers = {
         ["Accept"] = os.getenv("LOAD_ACCEPT"),
         ["Authorization"] = token,
         ["Content-Type"] = "application/json",
         ["Host"] = wrk.headers["Host"],
      }
      table.insert(requests, wrk.format("POST", wrk.path, headers, os.getenv("LOAD_BODY")))
   end
end

function request()
   turn = turn % #requests + 1
   return requests[turn]
end

function response(status, headers, body)
   if status ~= 200 or body ~= expected then
      wrong = wrong + 1
      sample = status .. " " .. body:sub(1, 500)
   end
end

local function quoted(text)
   return '"' .. text:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
end

function done(summary, latency)
   local wrong, sample = 0, ""
   for _, thread in ipairs(threads) do
      wrong = wrong + thread:get("wrong")
      sample = thread:get("sample")
   end
   local broken = summary.errors
   io.write(("\n{\"requests\": %d, \"microseconds\": %d, \"p50\": %d, \"p99\": %d, "):format(
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99)))
   io.write(("\"wrong\": %d, \"broken\": %d, \"sample\": %s}\n"):format(
      wrong, broken.connect + broken.read + broken.write + broken.timeout, quoted(sample)))
end
