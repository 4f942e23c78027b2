#include "directory/event_stream.h"

#include <algorithm>
#include <array>
#include <utility>

#include "directory/resource_name.h"
#include "directory/token_rules.h"
#include "jose/remote_url.h"
#include "json/parse.h"
#include "scim/schema/document_reader.h"
#include "scim/schema/whole_number.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kMostAuthorizationBytes = 4'000;
constexpr std::size_t kLeastSecretBytes = 16;
constexpr std::size_t kMostSecretBytes = 200;
constexpr std::int64_t kDefaultAttempts = 20;
constexpr std::int64_t kMostAttempts = 1'000;

constexpr std::array<std::pair<std::string_view, store::ChangeKind>, 8> kKinds{{
    {"create", store::ChangeKind::kCreate},
    {"put", store::ChangeKind::kPut},
    {"patch", store::ChangeKind::kPatch},
    {"delete", store::ChangeKind::kDelete},
    {"activate", store::ChangeKind::kActivate},
    {"deactivate", store::ChangeKind::kDeactivate},
    {"feed:add", store::ChangeKind::kFeedAdd},
    {"feed:remove", store::ChangeKind::kFeedRemove},
}};
/// Those of the feed come only to who asks for them: one change of a stream's settings makes as
/// many as there are resources.
constexpr std::size_t kUsualKinds = 6;

bool isPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

/// Why the URL of a receiver cannot be used; empty when it can.
std::string faultOf(std::string_view text, bool allow_http) {
  const auto url = jose::readRemoteUrl(text);
  if (!url) return url.error().detail;
  if (url->is_https || allow_http || url->is_loopback) return {};
  return "is http: that is for receivers on this machine, or with allowHttp";
}

store::ChangeKinds readKinds(scim::Fields& fields) {
  store::ChangeKinds all = 0;
  for (std::size_t i = 0; i < kUsualKinds; ++i) all |= store::bitOf(kKinds.at(i).second);
  if (!fields.has("events")) return all;
  store::ChangeKinds kinds = 0;
  for (const std::string& name : readNames(fields, "events", "event")) {
    const auto* found = std::find_if(kKinds.begin(), kKinds.end(),
                                     [&](const auto& kind) { return kind.first == name; });
    if (found == kKinds.end()) {
      fields.fail("events",
                  "'" + name +
                      "' is none of create, put, patch, delete, activate, deactivate, feed:add, "
                      "feed:remove");
      break;
    }
    kinds |= store::bitOf(found->second);
  }
  return kinds;
}

json::Array namesOf(store::ChangeKinds kinds) {
  json::Array names;
  for (const auto& [name, kind] : kKinds) {
    if (store::has(kinds, kind)) names.emplace_back(name);
  }
  return names;
}

std::string_view nameOf(StreamKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"push", "poll", "webhook"};
  return kNames.at(static_cast<std::size_t>(kind));
}

void readReceiver(scim::Fields& fields, EventStream& stream) {
  stream.url = fields.textOr("url", "");
  stream.ca_file = fields.textOr("caFile", "");
  stream.allow_http = fields.booleanOr("allowHttp", false);
  if (fields.error()) return;
  if (stream.kind == StreamKind::kPoll) {
    for (const std::string_view key : {"url", "caFile", "authorization"}) {
      if (!fields.textOr(key, "").empty()) fields.fail(key, "a receiver that polls has none");
    }
    if (fields.has("secret")) fields.fail("secret", "is for webhooks");
    stream.pollers = readNames(fields, "pollers", "token");
    return;
  }
  if (fields.has("pollers")) fields.fail("pollers", "only a receiver that polls has them");
  if (fields.has("secret") && stream.kind != StreamKind::kWebhook) {
    fields.fail("secret", "is for webhooks: a token is signed with the key of the server");
  }
  if (stream.url.empty()) return fields.fail("url", "is missing: where events are sent to");
  if (const auto fault = faultOf(stream.url, stream.allow_http); !fault.empty()) {
    fields.fail("url", fault);
  }
  if (!stream.ca_file.empty() && !stream.ca_file.starts_with('/')) {
    fields.fail("caFile", "is no absolute path");
  }
}

json::Array listOf(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

}  // namespace

store::ChangeKinds EventStream::wanted(DomainNumber domain, store::ChangeKinds changes) const {
  const bool has_domain =
      all_domains || std::find(domains.begin(), domains.end(), domain) != domains.end();
  return has_domain ? static_cast<store::ChangeKinds>(kinds & changes) : store::ChangeKinds{0};
}

Result<EventStream> compileEventStream(const json::Value& document) {
  if (!document.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "an event stream is a JSON object");
  }
  const json::Object& object = *document.object();
  scim::Fields fields(object, scim::Place("event stream"));
  fields.allowOnly({"name", "kind", "state", "description", "domains", "events", "mode", "audience",
                    "url", "caFile", "allowHttp", "attempts", "authorization", "secret", "pollers",
                    "hasAuthorization", "hasSecret"});
  EventStream stream;
  stream.name = fields.text("name");
  if (const auto fault = faultOfName(stream.name); !fields.error() && !fault.empty()) {
    fields.fail("name", fault);
  }
  fields.text("kind");
  stream.kind = fields.wordOr<StreamKind>(
      "kind",
      {{"push", StreamKind::kPush}, {"poll", StreamKind::kPoll}, {"webhook", StreamKind::kWebhook}},
      StreamKind::kPush);
  stream.paused = fields.wordOr<bool>("state", {{"enabled", false}, {"paused", true}}, false);
  stream.full = fields.wordOr<bool>("mode", {{"notice", false}, {"full", true}}, false);
  stream.description = fields.textOr("description", "");
  stream.kinds = readKinds(fields);
  if (fields.has("audience")) stream.audiences = readNames(fields, "audience", "audience");
  if (fields.has("domains")) stream.domain_names = readNames(fields, "domains", "domain");
  stream.all_domains = !fields.has("domains");
  readReceiver(fields, stream);
  stream.attempts = static_cast<std::uint32_t>(
      scim::wholeNumberOr(fields, object, "attempts", kDefaultAttempts, 1, kMostAttempts));
  if (!fields.error() && stream.audiences.empty() && stream.kind != StreamKind::kWebhook) {
    fields.fail("audience", "is missing: a signed token says whom it is for");
  }
  if (fields.error()) return tl::make_unexpected(*fields.error());

  stream.document = {{"name", stream.name},
                     {"kind", nameOf(stream.kind)},
                     {"state", stream.paused ? "paused" : "enabled"},
                     {"description", stream.description},
                     {"events", namesOf(stream.kinds)},
                     {"mode", stream.full ? "full" : "notice"}};
  if (!stream.all_domains) stream.document.set("domains", listOf(stream.domain_names));
  if (!stream.audiences.empty()) stream.document.set("audience", listOf(stream.audiences));
  if (stream.kind == StreamKind::kPoll) {
    stream.document.set("pollers", listOf(stream.pollers));
    return stream;
  }
  stream.document.set("url", stream.url);
  stream.document.set("caFile", stream.ca_file);
  stream.document.set("allowHttp", stream.allow_http);
  stream.document.set("attempts", stream.attempts);
  return stream;
}

Result<StreamSecrets> readStreamSecrets(const json::Object& document) {
  scim::Fields fields(document, scim::Place("event stream"));
  StreamSecrets secrets;
  if (fields.has("authorization")) {
    auto value = fields.text("authorization");
    if (value.size() > kMostAuthorizationBytes || !isPrintable(value)) {
      fields.fail("authorization",
                  "is no value of a header field: ASCII without control characters, at most 4000 "
                  "bytes");
    }
    secrets.authorization = std::move(value);
  }
  if (fields.has("secret")) {
    auto value = fields.text("secret");
    if (value.size() < kLeastSecretBytes || value.size() > kMostSecretBytes) {
      fields.fail("secret", "has fewer than 16 or more than 200 bytes");
    } else if (value.find('\0') != std::string::npos) {
      // Stored secrets that are sealed are known by one.
      fields.fail("secret", "holds a NUL");
    }
    secrets.signing_secret = std::move(value);
  }
  if (fields.error()) return tl::make_unexpected(*fields.error());
  return secrets;
}

Result<EventStream> streamOfRow(const store::EventStreamRow& row) {
  if (!row.secret_fault.empty()) return failure(ErrorKind::kUnavailable, row.secret_fault);
  const auto document = json::parse(row.text.settings);
  if (!document) return tl::make_unexpected(document.error());
  auto stream = compileEventStream(*document);
  if (!stream) return stream;
  stream->number = row.number;
  stream->version = row.version;
  // The numbers count, not the names: those may be of other domains by now.
  stream->all_domains = !row.text.domains.has_value();
  stream->domains = row.text.domains.value_or(std::vector<DomainNumber>());
  if (row.text.authorization) {
    stream->authorization = std::make_shared<const Secret>(*row.text.authorization);
  }
  if (row.text.signing_secret) {
    stream->signing_secret = std::make_shared<const Secret>(*row.text.signing_secret);
  }
  return stream;
}

}  // namespace vestibule::directory
