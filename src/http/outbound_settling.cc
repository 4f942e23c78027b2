#include "http/outbound_settling.h"

#include <utility>

#include "http/error_response.h"
#include "outbound/base_url.h"

namespace vestibule::http {
namespace {

constexpr int kBadGateway = 502;

}  // namespace

std::string outboundText(const std::vector<outbound::Settled>& settled) {
  std::string text;
  for (const auto& one : settled) {
    if (!text.empty()) text += ", ";
    text += outbound::percentEncoded(one.target);
    text += '=';
    text += nameOf(one.state);
  }
  return text;
}

std::optional<std::string> outboundFault(const std::vector<outbound::Settled>& settled) {
  for (const auto& one : settled) {
    if (!one.is_error) continue;
    const bool failed = one.state == outbound::Settled::State::kFailed;
    std::string text = "the change is stored, but outbound target " + one.target +
                       (failed ? " does not take it" : " has not got it in time");
    if (!one.detail.empty()) text += ": " + one.detail;
    return text;
  }
  return std::nullopt;
}

Response settled(Response response, outbound::Waits* waits, std::string_view id,
                 const std::string& correlation_id) {
  const bool changed = response.status >= 200 && response.status < 300;
  if (waits == nullptr || !changed) return response;
  const auto resource = ResourceId::parse(id);
  if (!resource) return response;
  const auto all = waits->settle(*resource, correlation_id);
  if (all.empty()) return response;
  if (const auto fault = outboundFault(all)) response = scimRefusal(kBadGateway, *fault);
  response.headers.set(kOutboundHeader, outboundText(all));
  return response;
}

}  // namespace vestibule::http
