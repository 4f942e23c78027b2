#include "app/check.h"

#include <cstdio>

#include "app/command_output.h"
#include "app/operator_error.h"
#include "app/tls_settings.h"
#include "base/clock.h"
#include "base/secret_keys.h"
#include "directory/privileges.h"
#include "jit/consent_purpose.h"
#include "jit/identity_provider.h"
#include "jit/lint.h"
#include "json/parse.h"
#include "policy/lint.h"
#include "store/sealing.h"

namespace vestibule::app {
namespace {

json::Object finding(std::string_view severity, const std::string& where, const std::string& code,
                     const std::string& text) {
  json::Object object;
  object.set("severity", severity);
  object.set("where", where);
  object.set("code", code);
  object.set("text", text);
  return object;
}

void checkDomainPolicies(const directory::Context& context, const directory::Catalog& catalog,
                         std::vector<json::Object>& found) {
  for (const auto& domain : catalog.domains()) {
    const std::string where = "domain " + domain->name().value();
    // From the row: settings that no longer compile were replaced in the catalog.
    const auto stored = json::parse(domain->row.settings);
    const auto settings = stored ? policy::PolicySettings::fromJson(
                                       *stored, policy::PolicySettings::secondaryDefaults())
                                 : tl::make_unexpected(stored.error());
    if (!settings) {
      found.push_back(finding("error", where, settings.error().code, settings.error().detail));
      continue;
    }
    // The schema files may have lost an attribute since.
    const auto known =
        directory::checkPrivilegedAttributes(context, settings->privileged_attributes);
    if (!known) {
      found.push_back(finding("error", where, known.error().code, known.error().detail));
    }
    if (settings->guard_rails && settings->guard_rails->areLifted(now())) {
      found.push_back(finding("warning", where + ", guardRails", "POL-2007",
                              "the guard-rails are lifted until " +
                                  formatTimestamp(*settings->guard_rails->lifted_until)));
    }
    for (const auto& advice : policy::lint(*settings)) {
      found.push_back(finding(policy::severityName(advice.severity), where + ", " + advice.setting,
                              advice.code, advice.text));
    }
  }
}

void checkUnfinishedDomains(const directory::Catalog& catalog, std::vector<json::Object>& found) {
  for (const auto& domain : catalog.domains()) {
    if (!domain->unsettled) continue;
    found.push_back(
        finding("warning", "domain " + domain->name().value(), "",
                domain->row.state == "restoring"
                    ? "being restored, or half restored: restore it again"
                    : "being moved to another installation: go on with that, or abort it"));
  }
  for (const auto& unfinished : catalog.unfinishedDomains()) {
    const auto& state = unfinished.state;
    found.push_back(finding(
        "warning", "domain " + unfinished.name.value(), "",
        state == "moved"       ? "moved to another installation: delete what is left here"
        : state == "restoring" ? "half restored: restore it again, or delete it"
                               : "half made or half deleted: create it again, or delete it"));
  }
}

void checkIdentityProviders(const directory::Context& context,
                            const jit::IdentityProviders& providers,
                            const directory::Catalog& catalog, std::vector<json::Object>& found) {
  for (const auto& row : catalog.identityProviders()) {
    const std::string where = "identity provider " + row.name;
    auto compiled = jit::compileIdentityProvider(*context.registry, *context.user_type, row);
    if (!compiled) {
      found.push_back(finding("error", where, compiled.error().code, compiled.error().detail));
      continue;
    }
    if (auto domains = jit::checkDomains(*compiled, catalog); !domains) {
      found.push_back(finding("error", where, domains.error().code, domains.error().detail));
      continue;
    }
    if (auto purposes = jit::checkPurposes(compiled->consent, catalog); !purposes) {
      found.push_back(finding("error", where, purposes.error().code, purposes.error().detail));
    }
    if (auto theme = providers.checkTheme(*compiled); !theme) {
      found.push_back(finding("error", where, theme.error().code, theme.error().detail));
    }
    for (const auto& advice : jit::adviceOn(*compiled, catalog)) {
      found.push_back(finding("warning", where + ", " + advice.setting, advice.code, advice.text));
    }
  }
}

void checkConsentPurposes(const directory::Context& context, const directory::Catalog& catalog,
                          std::vector<json::Object>& found) {
  for (const auto& row : catalog.consentPurposes()) {
    auto compiled = jit::compileConsentPurpose(*context.registry, *context.user_type, row);
    if (compiled) continue;
    found.push_back(finding("error", "consent purpose " + row.name, compiled.error().code,
                            compiled.error().detail));
  }
}

void checkSecrets(store::Database& database, std::vector<json::Object>& found) {
  const char* where = "database.secret_key_file";
  auto counts = database.read([&](store::Session& session) {
    return store::countSecrets(session, database.controlSchema());
  });
  if (!counts) {
    found.push_back(finding("error", where, "", operatorText(counts.error())));
    return;
  }
  if (counts->unknown > 0) {
    found.push_back(finding("error", where, "",
                            std::to_string(counts->unknown) +
                                " secrets of event streams or outbound targets are sealed under "
                                "keys that are not in it"));
  }
  if (!database.options().secret_keys->empty() && counts->clear + counts->former > 0) {
    found.push_back(finding("warning", where, "",
                            std::to_string(counts->clear) + " secrets are not sealed and " +
                                std::to_string(counts->former) +
                                " under a former key: vestibule secret seal"));
  }
}

}  // namespace

int check(const Config& config, Stack& stack, bool json) {
  std::vector<json::Object> found;
  for (const auto& one : checkTls(config)) {
    found.push_back(finding(one.fatal ? "error" : "warning", one.where, "", one.text));
  }
  for (const auto& advice : stack.report().findings) {
    found.push_back(finding(advice.fatal ? "error" : "warning",
                            "database " + stack.report().version, "", advice.text));
  }
  const auto catalog = stack.context().catalog->current();
  checkUnfinishedDomains(*catalog, found);
  checkDomainPolicies(stack.context(), *catalog, found);
  checkIdentityProviders(stack.context(), stack.identityProviders(), *catalog, found);
  checkConsentPurposes(stack.context(), *catalog, found);
  checkSecrets(stack.database(), found);

  bool failed = false;
  for (const auto& one : found) failed = failed || *one.find("severity")->string() == "error";
  if (json) {
    printTable(found, {}, true);
  } else if (found.empty()) {
    std::printf("Nothing to remark: configuration, database, policies and identity providers.\n");
  } else {
    for (const auto& one : found) {
      const auto& code = *one.find("code")->string();
      std::printf("%s: %s: %s%s\n", one.find("severity")->string()->c_str(),
                  one.find("where")->string()->c_str(), one.find("text")->string()->c_str(),
                  code.empty() ? "" : (" (" + code + ")").c_str());
    }
  }
  return failed ? 1 : 0;
}

}  // namespace vestibule::app
