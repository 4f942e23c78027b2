#include "jit/routing_rules.h"

#include <utility>

#include "base/blanks.h"
#include "base/unicode.h"
#include "directory/catalog.h"
#include "jit/settings_reader.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kAsInUsername = "As in username";
constexpr std::string_view kPrimaryWord = "primary";
constexpr std::string_view kRefuseWord = "refuse";

std::string notAllowed(const std::string& domain) {
  return "'" + domain + "' is not among allowedDomains";
}

void readUserstore(scim::Fields& fields, RoutingSettings& settings) {
  const std::string userstore = fields.textOr("userstore", directory::kPrimaryDomain);
  if (trimmed(userstore).empty()) fields.fail("userstore", "is blank");
  settings.as_in_username = equalIgnoringAsciiCase(userstore, kAsInUsername);
  if (settings.as_in_username) return;
  settings.userstore = upperAscii(userstore);
  if (!settings.allows(DomainName(settings.userstore))) {
    fields.fail("userstore", notAllowed(settings.userstore));
  }
}

json::Array readAllowed(scim::Fields& fields, RoutingSettings& settings) {
  json::Array shown;
  const auto stated = fields.texts("allowedDomains");
  if (stated.size() > kMaxRoutingRules) fields.fail("allowedDomains", "has more than 100 domains");
  for (const std::string& domain : stated) {
    if (!settings.allowed.insert(upperAscii(domain)).second) {
      fields.fail("allowedDomains", "names '" + upperAscii(domain) + "' twice");
    }
    shown.emplace_back(upperAscii(domain));
  }
  return shown;
}

void readRule(scim::Fields& row, const RoleClaim& roles, RoutingSettings& settings,
              json::Array& rows) {
  json::Object shown;
  auto condition = readCondition(row, roles, {true, "userstore"}, shown);
  const std::string domain = upperAscii(row.text("userstore"));
  if (!row.error() && !settings.allows(DomainName(domain))) {
    row.fail("userstore", notAllowed(domain));
  }
  if (row.error()) return;
  shown.set("userstore", domain);
  rows.emplace_back(std::move(shown));
  settings.rules.push_back({*std::move(condition), domain});
}

}  // namespace

RoutingSettings readRouting(scim::Fields& fields, const RoleClaim& roles, json::Object& canonical) {
  RoutingSettings settings;
  json::Array allowed = readAllowed(fields, settings);
  readUserstore(fields, settings);
  canonical.set("userstore",
                settings.as_in_username ? std::string(kAsInUsername) : settings.userstore);
  json::Array rows;
  readElements(fields, "routing", kMaxRoutingRules, [&](scim::Fields& row, const json::Object&) {
    readRule(row, roles, settings, rows);
  });
  canonical.set("routing", std::move(rows));
  canonical.set("allowedDomains", std::move(allowed));
  settings.refuse_unknown =
      fields.wordOr<bool>("unknownDomain", {{kPrimaryWord, false}, {kRefuseWord, true}}, false);
  if (settings.refuse_unknown && !settings.as_in_username) {
    fields.fail("unknownDomain",
                "'refuse' needs userstore 'As in username': no name says the domain");
  }
  canonical.set("unknownDomain", settings.refuse_unknown ? kRefuseWord : kPrimaryWord);
  return settings;
}

}  // namespace vestibule::jit
