#include "directory/domains.h"

#include <algorithm>

#include "base/log.h"
#include "base/unicode.h"
#include "json/parse.h"
#include "json/write.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kNameLength = 30;
constexpr std::size_t kDescriptionCharacters = 1'000;

policy::PolicySettings defaultsOf(const DomainName& name) {
  return name.value() == kPrimaryDomain ? policy::PolicySettings::primaryDefaults()
                                        : policy::PolicySettings::secondaryDefaults();
}

Result<std::string> readDescription(const json::Value& value) {
  if (!value.isString() || codePointCount(*value.string()) > kDescriptionCharacters) {
    return failure(ErrorKind::kInvalidValue, "description is text of at most 1000 characters",
                   "description");
  }
  return *value.string();
}

tl::unexpected<Error> noSuchDomain(std::string_view name) {
  return failure(ErrorKind::kNotFound,
                 "there is no user store domain \"" + printable(name, 64) + "\"");
}

tl::unexpected<Error> unknownKey(const std::string& key) {
  return failure(ErrorKind::kInvalidValue, "unknown key \"" + printable(key, 64) + "\"",
                 printable(key, 64));
}

/// Settings that can be used: they compile, and PRIMARY stays usable.
Result<void> checkSettings(const DomainName& name, const policy::PolicySettings& settings) {
  if (name.value() == kPrimaryDomain && settings.disabled) {
    return failure(ErrorKind::kConflict, "the PRIMARY domain cannot be disabled",
                   "settings.Disabled");
  }
  auto compiled = policy::DomainPolicy::compile(settings);
  if (!compiled) return propagate(compiled);
  return {};
}

/// True when text in an identity provider's settings names the domain: exactly, or as `DOMAIN/…`.
bool pointsAt(const json::Value* value, const DomainName& name) {
  if (value == nullptr || !value->isString()) return false;
  const std::string_view text = *value->string();
  return equalIgnoringAsciiCase(text.substr(0, text.find('/')), name.value());
}

}  // namespace

Result<DomainName> parseDomainName(std::string_view text) {
  std::string name = upperAscii(text);
  const auto refuse = [&](std::string_view reason) {
    return failure(
        ErrorKind::kInvalidValue,
        "\"" + printable(text, 64) + "\" cannot be a domain's name: " + std::string(reason),
        "name");
  };
  if (name.empty() || name.size() > kNameLength) return refuse("it has 1 to 30 characters");
  if (name.front() < 'A' || name.front() > 'Z') return refuse("it begins with a letter");
  for (const char c : name) {
    const bool allowed = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!allowed) return refuse("it holds letters A to Z, digits and hyphens only");
  }
  if (name.rfind("FEDERATED", 0) == 0)
    return refuse("names that begin with FEDERATED are reserved");
  return DomainName(std::move(name));
}

json::Object describeDomain(const Domain& domain) {
  json::Object object;
  object.set("name", domain.name().value());
  object.set("description", domain.row.description);
  object.set("settings", domain.policy.settings().toJson());
  object.set("version", "W/\"" + std::to_string(domain.row.version.value()) + "\"");
  object.set("created", formatTimestamp(domain.row.created));
  object.set("modified", formatTimestamp(domain.row.modified));
  return object;
}

Result<json::Object> createDomain(const Context& context, const store::MigrationSet& migrations,
                                  const json::Value& body) {
  if (!body.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a domain is a JSON object with a name");
  }
  std::optional<DomainName> name;
  std::string description;
  policy::PolicySettings settings = policy::PolicySettings::secondaryDefaults();
  for (const auto& [key, value] : *body.object()) {
    if (key == "name") {
      auto parsed = parseDomainName(value.isString() ? *value.string() : std::string());
      if (!parsed) return propagate(parsed);
      name = *std::move(parsed);
    } else if (key == "description") {
      auto text = readDescription(value);
      if (!text) return propagate(text);
      description = *std::move(text);
    } else if (key == "settings") {
      auto read = policy::PolicySettings::fromJson(value, settings);
      if (!read) return propagate(read);
      settings = *std::move(read);
    } else {
      return unknownKey(key);
    }
  }
  if (!name) return failure(ErrorKind::kInvalidValue, "a domain needs a name", "name");
  if (auto usable = checkSettings(*name, settings); !usable) return propagate(usable);

  auto& database = *context.database;
  auto row = database.write([&](store::Session& session) {
    return store::insertDomain(session, database.controlSchema(), database.options().schema_prefix,
                               *name, description, json::write(settings.toJson()));
  });
  if (!row) return propagate(row);
  // Each step may be repeated: a creation that stops half-way is taken up again by the next one of
  // the same name.
  auto ready = database.write([&](store::Session& session) -> Result<void> {
    if (auto made = store::createSchema(session, row->tables.schema); !made) return made;
    if (auto migrated = store::migrateDomainSchema(session, database.controlSchema(),
                                                   row->tables.schema, migrations);
        !migrated) {
      return migrated;
    }
    return store::activateDomain(session, database.controlSchema(), *name);
  });
  if (!ready) return propagate(ready);
  if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
  const auto catalog = context.catalog->current();
  const auto* domain = catalog->findDomain(name->value());
  if (domain == nullptr) return internalFailure("a new domain is not in the catalog");
  spdlog::info("domain {} created", name->value());
  return describeDomain(*domain);
}

Result<json::Object> changeDomain(const Context& context, std::string_view name,
                                  const json::Value& patch, std::optional<Version> expected) {
  const auto catalog = context.catalog->current();
  const auto* domain = catalog->findDomain(name);
  if (domain == nullptr) return noSuchDomain(name);
  if (!patch.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a change of a domain is a JSON object");
  }
  if (expected && *expected != domain->row.version) {
    return failure(ErrorKind::kVersionMismatch, "the domain has been changed since");
  }
  std::string description = domain->row.description;
  policy::PolicySettings settings = domain->policy.settings();
  const auto defaults = defaultsOf(domain->name());
  for (const auto& [key, value] : *patch.object()) {
    if (key == "description") {
      auto text = readDescription(value.isNull() ? json::Value("") : value);
      if (!text) return propagate(text);
      description = *std::move(text);
    } else if (key == "settings" && value.isObject()) {
      for (const auto& [setting, wanted] : *value.object()) {
        const auto fallback = defaults.get(setting);
        auto set = settings.set(setting, wanted.isNull() && fallback ? *fallback : wanted);
        if (!set) return propagate(set);
      }
    } else {
      return unknownKey(key);
    }
  }
  if (auto usable = checkSettings(domain->name(), settings); !usable) return propagate(usable);
  auto& database = *context.database;
  if (settings.case_insensitive_username != domain->policy.settings().case_insensitive_username) {
    auto used = database.read(
        [&](store::Session& session) { return store::hasUsers(session, domain->tables()); });
    if (!used) return propagate(used);
    if (*used) {
      return failure(ErrorKind::kConflict,
                     "CaseInsensitiveUsername decides which names are equal: it changes only while "
                     "the domain has no users",
                     "settings.CaseInsensitiveUsername");
    }
  }
  auto row = database.write([&](store::Session& session) {
    return store::updateDomain(session, database.controlSchema(), domain->name(),
                               domain->row.version, description, json::write(settings.toJson()));
  });
  if (!row) return propagate(row);
  if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
  const auto changed = context.catalog->current();
  const auto* now_stored = changed->findDomain(domain->name().value());
  if (now_stored == nullptr) return noSuchDomain(name);
  return describeDomain(*now_stored);
}

Result<void> deleteDomain(const Context& context, std::string_view name,
                          std::string_view confirmation) {
  const auto catalog = context.catalog->current();
  const auto* domain = catalog->findDomain(name);
  if (domain == nullptr) return noSuchDomain(name);
  const auto& stored_name = domain->name();
  if (stored_name.value() == kPrimaryDomain) {
    return failure(ErrorKind::kConflict, "the PRIMARY domain cannot be deleted");
  }
  if (!equalIgnoringAsciiCase(confirmation, stored_name.value())) {
    return failure(ErrorKind::kInvalidValue,
                   "deleting a domain deletes every user and group in it: confirm by its name, " +
                       stored_name.value(),
                   "confirm");
  }
  const auto users = identityProvidersOf(*catalog, stored_name);
  if (!users.empty()) {
    std::string names;
    for (const auto& user : users) names += (names.empty() ? "" : ", ") + user;
    return failure(ErrorKind::kConflict,
                   "identity providers point at domain " + stored_name.value() + ": " + names);
  }
  auto deleted = context.database->write([&](store::Session& session) {
    return store::deleteDomain(session, context.database->controlSchema(), stored_name);
  });
  if (!deleted) return propagate(deleted);
  spdlog::info("domain {} deleted", stored_name.value());
  return context.catalog->refresh();
}

std::vector<std::string> identityProvidersOf(const Catalog& catalog, const DomainName& name) {
  std::vector<std::string> found;
  for (const auto& provider : catalog.identityProviders()) {
    const auto settings = json::parse(provider.settings);
    if (!settings) continue;  // a row nobody can read points nowhere; loading it has been reported
    bool points = false;
    if (const auto* jit = settings->find("jit")) points = pointsAt(jit->find("userstore"), name);
    const auto* roles = settings->find("roles");
    const auto* mappings = roles != nullptr ? roles->find("mappings") : nullptr;
    if (mappings != nullptr && mappings->isArray()) {
      for (const auto& mapping : *mappings->array()) {
        points = points || pointsAt(mapping.find("localRole"), name);
      }
    }
    if (points) found.push_back(provider.name);
  }
  return found;
}

}  // namespace vestibule::directory
