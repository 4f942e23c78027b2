#include "outbound/scim_client.h"

#include "base/unicode.h"
#include "json/parse.h"
#include "json/write.h"
#include "outbound/base_url.h"
#include "scim/message.h"

namespace vestibule::outbound {
namespace {

constexpr std::size_t kMaxRemoteId = 255;

std::optional<std::string> idIn(const json::Value& resource) {
  const auto id = resource.stringAt("id");
  if (!id || id->empty() || codePointCount(*id) > kMaxRemoteId) return std::nullopt;
  return std::string(*id);
}

bool hasValue(const json::Value& resource, std::string_view attribute, const std::string& value) {
  const auto found = resource.stringAt(attribute);
  return found && foldCase(*found) == foldCase(value);
}

}  // namespace

std::optional<std::string> idOf(const RemoteAnswer& answer) {
  const auto body = json::parse(answer.body);
  return body ? idIn(*body) : std::nullopt;
}

std::string scimTypeOf(const RemoteAnswer& answer) {
  const auto body = json::parse(answer.body);
  return body ? std::string(body->stringAt("scimType").value_or("")) : std::string();
}

std::string filterText(std::string_view attribute, std::string_view value) {
  std::string text(attribute);
  text += " eq ";
  json::appendString(text, value);
  return text;
}

std::string ScimClient::urlOf(std::string_view endpoint, const std::string& id) const {
  return base_url_ + std::string(endpoint) + "/" + percentEncoded(id);
}

Found ScimClient::find(std::string_view endpoint, std::string_view attribute,
                       const std::string& value) {
  Found found;
  found.answer = transport_({"GET",
                             base_url_ + std::string(endpoint) +
                                 "?filter=" + percentEncoded(filterText(attribute, value)),
                             {}});
  if (!found.answer.ok()) return found;
  const auto body = json::parse(found.answer.body);
  if (!body || !body->isObject()) {
    found.fault = "the answer is no JSON object";
    return found;
  }
  const json::Value* listed = body->find("Resources");
  const json::Array* resources = listed == nullptr ? nullptr : listed->array();
  if (resources == nullptr || resources->empty()) return found;
  std::size_t matches = 0;
  for (const json::Value& resource : *resources) {
    if (!hasValue(resource, attribute, value)) continue;
    ++matches;
    found.id = idIn(resource);
  }
  if (matches == 1 && !found.id) found.fault = "what was found has no usable id";
  if (matches > 1) found.fault = "several have this " + std::string(attribute);
  if (matches == 0) found.fault = "the service does not filter by " + std::string(attribute);
  if (!found.fault.empty()) found.id.reset();
  return found;
}

RemoteAnswer ScimClient::create(std::string_view endpoint, const json::Object& resource) {
  return transport_({"POST", base_url_ + std::string(endpoint), json::write(resource)});
}

RemoteAnswer ScimClient::read(std::string_view endpoint, const std::string& id) {
  return transport_({"GET", urlOf(endpoint, id), {}});
}

RemoteAnswer ScimClient::replace(std::string_view endpoint, const std::string& id,
                                 json::Object resource) {
  resource.set("id", id);
  return transport_({"PUT", urlOf(endpoint, id), json::write(resource)});
}

RemoteAnswer ScimClient::patch(std::string_view endpoint, const std::string& id,
                               json::Array operations) {
  const json::Object body{{"schemas", json::Array{scim::kPatchOpSchema}},
                          {"Operations", std::move(operations)}};
  return transport_({"PATCH", urlOf(endpoint, id), json::write(body)});
}

RemoteAnswer ScimClient::remove(std::string_view endpoint, const std::string& id) {
  return transport_({"DELETE", urlOf(endpoint, id), {}});
}

}  // namespace vestibule::outbound
