#include "outbound/remote.h"

#include <algorithm>

#include "base/log.h"
#include "json/parse.h"

namespace vestibule::outbound {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxDetail = 500;

milliseconds doubled(milliseconds first, std::uint32_t times, milliseconds most, double chance) {
  milliseconds delay = first;
  for (std::uint32_t i = 1; i < times && delay < most; ++i) delay *= 2;
  delay = std::min(delay, most);
  return delay + milliseconds(static_cast<std::int64_t>(static_cast<double>(delay.count()) *
                                                        std::clamp(chance, 0.0, 1.0) / 5));
}

}  // namespace

Verdict verdictOf(const RemoteAnswer& answer) {
  switch (answer.status) {
    case 0:
    case 401:  // the credential, and with it every request
    case 408:
    case 425:
    case 429:
    case 503:
      return Verdict::kPause;
    case 409:
      return Verdict::kTaken;
    default:
      return answer.status >= 500 ? Verdict::kRetry : Verdict::kFailed;
  }
}

store::OutboundFault faultOf(std::string_view doing, const RemoteAnswer& answer) {
  store::OutboundFault fault;
  std::string text(doing);
  text += ": ";
  if (answer.status == 0) {
    text += answer.fault.empty() ? "no answer" : answer.fault;
  } else {
    fault.status = static_cast<std::uint16_t>(answer.status);
    text += "status " + std::to_string(answer.status);
    const auto body = json::parse(answer.body);
    const auto detail = body ? body->stringAt("detail") : std::nullopt;
    if (detail && !detail->empty()) text += ": " + std::string(*detail);
    if (answer.status >= 300 && answer.status < 400) text += ": redirects are not followed";
  }
  fault.detail = printable(text, kMaxDetail);
  return fault;
}

milliseconds retryDelay(std::uint32_t attempts, double chance) {
  return doubled(std::chrono::seconds(5), attempts, std::chrono::hours(1), chance);
}

milliseconds pauseDelay(std::uint32_t failures, std::optional<std::chrono::seconds> retry_after,
                        double chance) {
  if (retry_after) {
    const milliseconds asked =
        std::clamp<milliseconds>(*retry_after, std::chrono::seconds(1), std::chrono::hours(1));
    return doubled(asked, 1, asked, chance);
  }
  return doubled(std::chrono::seconds(1), failures, std::chrono::minutes(1), chance);
}

}  // namespace vestibule::outbound
