#include "jit/forward_auth_settings.h"

#include <algorithm>
#include <set>

#include "base/unicode.h"
#include "jit/settings_reader.h"
#include "scim/schema/whole_number.h"

namespace vestibule::jit {
namespace {

using scim::Fields;

constexpr std::int64_t kDefaultCacheSeconds = 10;
constexpr std::size_t kMaxHeaderName = 100;

/// A token of RFC 9110 §5.6.2 that a proxy may use for this: not one that means something else
/// here.
bool isHeaderName(const std::string& name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const auto is_tchar = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= kMaxHeaderName &&
         std::all_of(name.begin(), name.end(), is_tchar) &&
         !equalIgnoringAsciiCase(name, "Authorization") && !equalIgnoringAsciiCase(name, "Host");
}

/// The headers of one section; each may be named once.
class HeaderNames {
 public:
  /// The name that the member holds; empty when it is absent or refused.
  std::string read(Fields& fields, std::string_view key) {
    std::string name = fields.textOr(key, "");
    if (name.empty() || fields.error()) return {};
    if (!isHeaderName(name)) {
      fields.fail(key, "'" + name + "' is no name of a header that a proxy may set for this");
    } else if (!seen_.insert(lowerAscii(name)).second) {
      fields.fail(key, "'" + name + "' is named twice");
    }
    return name;
  }

 private:
  std::set<std::string> seen_;
};

json::Value readClaimHeader(Fields& fields, HeaderNames& names, ForwardAuthSettings& settings) {
  fields.allowOnly({"header", "claim", "separator"});
  ClaimHeader row{names.read(fields, "header"), fields.text("claim"),
                  fields.textOr("separator", "")};
  if (row.header.empty()) fields.fail("header", "is needed");
  if (row.separator.size() > 8) fields.fail("separator", "is longer than 8 bytes");
  const bool taken =
      std::any_of(settings.claim_headers.begin(), settings.claim_headers.end(),
                  [&](const ClaimHeader& other) { return other.claim == row.claim; });
  if (taken) fields.fail("claim", "'" + row.claim + "' comes from two headers");
  json::Object shown{{"header", row.header}, {"claim", row.claim}, {"separator", row.separator}};
  settings.claim_headers.push_back(std::move(row));
  return shown;
}

}  // namespace

ForwardAuthSettings readForwardAuth(Fields& fields, const json::Object& section,
                                    json::Object& canonical) {
  fields.allowOnly({"subjectHeader", "claimHeaders", "idTokenHeader", "cacheSeconds"});
  ForwardAuthSettings settings;
  HeaderNames names;
  settings.subject_header = names.read(fields, "subjectHeader");
  settings.id_token_header = names.read(fields, "idTokenHeader");
  json::Array rows;
  readElements(fields, "claimHeaders", kMaxClaimHeaders, [&](Fields& row, const json::Object&) {
    rows.push_back(readClaimHeader(row, names, settings));
  });
  if (settings.subject_header.empty() && settings.id_token_header.empty()) {
    fields.fail("subjectHeader", "is needed, or idTokenHeader");
  }
  if (!settings.id_token_header.empty() &&
      (!settings.subject_header.empty() || !settings.claim_headers.empty())) {
    fields.fail("idTokenHeader",
                "an ID token says subject and claims: leave subjectHeader and claimHeaders out");
  }
  const std::int64_t seconds = scim::wholeNumberOr(fields, section, "cacheSeconds",
                                                   kDefaultCacheSeconds, 0, kMaxCacheSeconds);
  settings.cache = std::chrono::seconds(seconds);
  if (settings.id_token_header.empty()) {
    canonical.set("subjectHeader", settings.subject_header);
    canonical.set("claimHeaders", std::move(rows));
  } else {
    canonical.set("idTokenHeader", settings.id_token_header);
  }
  canonical.set("cacheSeconds", seconds);
  return settings;
}

}  // namespace vestibule::jit
