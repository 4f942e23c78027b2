#pragma once
// What the unit tests of jit work on: golden documents, and a catalog that came from no database.

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "directory/catalog.h"
#include "jit/identity_provider.h"
#include "jit/trace.h"
#include "json/parse.h"
#include "json/write.h"
#include "support/scim_schemas.h"

namespace vestibule::jit::test {

using scim::test::parsed;
using scim::test::schemas;

/// A file below tests/golden.
inline json::Value golden(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(VESTIBULE_SOURCE_DIR "/tests/golden/" + path).rdbuf();
  return parsed(content.str());
}

inline Result<IdentityProvider> compile(const json::Value& document) {
  return compileIdentityProvider(*schemas().registry, *schemas().user, document);
}

/// An identity provider `idp` that provisions, with these members merged over that.
inline IdentityProvider provider(std::string_view sections) {
  json::Value document = parsed(R"({"name": "idp", "jit": {"isEnabled": true}})");
  const json::Value changes = parsed(sections);
  for (const json::Member& member : *changes.object()) {
    document.object()->set(member.key, member.value);
  }
  auto compiled = compile(document);
  EXPECT_TRUE(compiled) << compiled.error().detail;
  return compiled ? *std::move(compiled) : IdentityProvider();
}

/// A row of the control schema; `changes` are set over the settings of a new domain.
inline store::DomainRow domainRow(std::uint16_t number, const std::string& name,
                                  std::string_view changes = "{}") {
  store::DomainRow row;
  row.tables = {DomainNumber(number), "`schema`"};
  row.name = DomainName(name);
  row.state = "active";
  const auto settings = policy::PolicySettings::fromJson(
      parsed(changes), number == 1 ? policy::PolicySettings::primaryDefaults()
                                   : policy::PolicySettings::secondaryDefaults());
  EXPECT_TRUE(settings);
  row.settings = json::write(settings->toJson());
  row.version = Version(1);
  return row;
}

/// PRIMARY and CORP.
inline std::shared_ptr<const directory::Catalog> catalog() {
  store::ControlRows rows;
  rows.revision = 1;
  rows.domains.push_back(domainRow(1, "PRIMARY"));
  rows.domains.push_back(domainRow(2, "CORP"));
  return directory::Catalog::build(std::move(rows));
}

/// True when some step of the trace has this rule and outcome.
inline bool traced(const Trace& trace, std::string_view rule, std::string_view outcome) {
  for (const TraceEntry& entry : trace.entries()) {
    if (entry.rule == rule && entry.outcome == outcome) return true;
  }
  return false;
}

}  // namespace vestibule::jit::test
