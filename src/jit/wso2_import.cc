#include "jit/wso2_import.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>

#include "base/unicode.h"
#include "jit/settings_reader.h"
#include "jit/wso2_claim_import.h"
#include "jit/wso2_import_notes.h"
#include "jit/wso2_jit_import.h"
#include "jose/key_location.h"

namespace vestibule::jit {
namespace {

using scim::Fields;
using scim::Place;

constexpr std::size_t kDescriptionCharacters = 1'000;
constexpr std::size_t kMaxRows = 10'000;

/// What says nothing: WSO2 writes it where a setting is not used.
bool isBlank(const json::Value& value) {
  if (const bool* boolean = value.boolean()) return !*boolean;
  if (const std::string* text = value.string()) return text->empty();
  if (const json::Array* array = value.array()) return array->empty();
  if (const json::Object* object = value.object()) return object->empty();
  return value.isNull();
}

/// The value without members that are null, which stand for absent ones.
json::Value withoutNulls(const json::Value& value) {
  if (const json::Object* object = value.object()) {
    json::Object kept;
    for (const json::Member& member : *object) {
      if (!member.value.isNull()) kept.set(member.key, withoutNulls(member.value));
    }
    return kept;
  }
  if (const json::Array* array = value.array()) {
    json::Array kept;
    for (const json::Value& element : *array) kept.push_back(withoutNulls(element));
    return kept;
  }
  return value;
}

/// Members that have no place here, whatever they hold.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kNotOurs{
    {{"id", "an identity provider is known by its name"},
     {"self", "is an address at WSO2"},
     {"image", "no pictures are kept"},
     {"templateId", "there are no templates of identity providers"},
     {"isPrimary", "no identity provider is the primary one: each login names its own"},
     {"isFederationHub", "a hub is the gateway's business"},
     {"homeRealmIdentifier", "finding a user's identity provider is the gateway's business"},
     {"alias", "names WSO2 in tokens that are exchanged, which is the gateway's business"},
     {"groups",
      "the roles that WSO2 gives to these groups are not in here: name them in roles.mappings"},
     {"implicitAssociation",
      "links tokens that are exchanged; logins are linked by associateLocalUser"}}};

class Importer {
 public:
  Importer(const scim::Registry& registry, const scim::ResourceType& user_type,
           const ImportOptions& options)
      : registry_(registry), user_type_(user_type), options_(options) {}

  Result<ImportedIdentityProvider> import(const json::Object& source, const Place& place) {
    Fields fields(source, place);
    if (source.find("name") == nullptr && source.find("identityProviderName") != nullptr) {
      return tl::make_unexpected(
          place.error("is the file of an export; what is read is the answer to GET "
                      "/api/server/v1/identity-providers/{id}"));
    }
    if (source.find("self") != nullptr && source.find("claims") == nullptr &&
        source.find("provisioning") == nullptr) {
      return tl::make_unexpected(
          place.error("is a row of a list without its sections; get each identity provider by its "
                      "id, or the list with requiredAttributes"));
    }
    readName(fields);
    ImportedClaims claims =
        section(fields, "claims", [&](Fields& part, const json::Object& object) {
          return importWso2Claims(part, object, registry_, user_type_, notes_);
        });
    json::Object roles = section(fields, "roles", [&](Fields& part, const json::Object& object) {
      return importWso2Roles(part, object, claims.has_roles, notes_);
    });
    settings_.set("claims", std::move(claims.section));
    settings_.set("roles", std::move(roles));
    settings_.set("jit", readProvisioning(fields, claims));
    readIdToken(fields);
    dropTheRest(fields, source);
    if (fields.error()) return tl::make_unexpected(*fields.error());
    return ImportedIdentityProvider{std::move(settings_), notes_.take()};
  }

 private:
  /// Reads the object at `key`, or an empty one where it is absent.
  template <typename Read>
  static std::invoke_result_t<Read&, Fields&, const json::Object&> section(Fields& parent,
                                                                           std::string_view key,
                                                                           Read read) {
    const json::Object& object = objectOrNone(parent, key);
    Fields fields(object, parent.place().member(key));
    auto made = read(fields, object);
    if (fields.error()) parent.adopt(*fields.error());
    return made;
  }

  void readName(Fields& fields) {
    const std::string name = fields.text("name");
    const Place place = fields.place().member("name");
    if (options_.name.empty() || options_.name == name) {
      notes_.kept(place, "is '" + name + "'");
    } else {
      notes_.changed(place, "is '" + options_.name + "' here, as this import was told");
    }
    settings_.set("name", options_.name.empty() ? name : options_.name);
    settings_.set("enabled", fields.booleanOr("isEnabled", true));
    notes_.kept(fields.place().member("isEnabled"),
                fields.booleanOr("isEnabled", true) ? "is on" : "is off: every login is refused");
    const std::string description = fields.textOr("description", "");
    if (codePointCount(description) > kDescriptionCharacters) {
      notes_.dropped(fields.place().member("description"), "is longer than 1000 characters");
    } else {
      settings_.set("description", description);
    }
  }

  json::Object readProvisioning(Fields& fields, const ImportedClaims& claims) {
    return section(fields, "provisioning", [&](Fields& part, const json::Object& object) {
      notes_.dropUnknown(object, part.place(), {"jit", "outboundConnectors"});
      dropOutbound(part);
      return section(part, "jit", [&](Fields& jit, const json::Object& source) {
        return importWso2Jit(jit, source, claims, options_.scheme, registry_, user_type_, notes_);
      });
    });
  }

  void dropOutbound(Fields& provisioning) {
    constexpr std::string_view kKey = "outboundConnectors";
    const json::Object* outbound = provisioning.object(kKey);
    if (outbound == nullptr) return;
    const json::Value* connectors = outbound->find("connectors");
    if (connectors == nullptr || isBlank(*connectors)) return;
    notes_.dropped(provisioning.place().member(kKey), "nothing is provisioned to other systems");
  }

  /// Where the keys, the issuer and the clients are all there, tokens can be verified as WSO2 did.
  void readIdToken(Fields& fields) {
    const std::string keys =
        section(fields, "certificate", [&](Fields& part, const json::Object& object) {
          notes_.dropUnknown(object, part.place(), {"certificates", "jwksUri"});
          const json::Array* certificates = part.array("certificates");
          if (certificates != nullptr &&
              !std::all_of(certificates->begin(), certificates->end(), isBlank)) {
            notes_.dropped(part.place().member("certificates"),
                           "keys come from a JWK Set: put those of the certificates into a file of "
                           "that form, and name it in idToken.jwksUri");
          }
          return part.textOr("jwksUri", "");
        });
    const auto clients = readAuthenticators(fields);
    std::string issuer = fields.textOr("idpIssuerName", "");
    std::string issuer_key = "idpIssuerName";
    if (issuer.empty() && fields.has("issuer")) {
      issuer = fields.textOr("issuer", "");
      issuer_key = "issuer";
    }
    if (fields.error() || (keys.empty() && issuer.empty())) return;
    const Place keys_place = fields.place().member("certificate").member("jwksUri");
    const Place issuer_place = fields.place().member(issuer_key);
    const auto location = jose::readKeyLocation(keys);
    std::string lacks;
    if (keys.empty()) lacks = "there is no certificate.jwksUri";
    if (!keys.empty() && !location) lacks = "certificate.jwksUri " + location.error().detail;
    if (lacks.empty() && issuer.empty()) lacks = "there is no idpIssuerName";
    if (lacks.empty() && clients.empty()) {
      lacks = "there is no ClientId: the properties of the authenticators are not in here";
    }
    if (!lacks.empty()) {
      notes_.dropped(keys.empty() ? issuer_place : keys_place,
                     "ID tokens are not taken (idToken), because " + lacks);
      return;
    }
    notes_.kept(keys_place, "the keys of ID tokens are there");
    notes_.kept(issuer_place, "is the issuer of ID tokens");
    notes_.changed(fields.place().member("certificate"),
                   "each login needs an ID token, which is verified here; idToken.required false "
                   "takes claims on the gateway's word as well");
    settings_.set("idToken",
                  json::Object{{"issuer", issuer}, {"clientIds", clients}, {"jwksUri", keys}});
  }

  /// The clients that the authenticators are at the identity provider.
  json::Array readAuthenticators(Fields& fields) {
    json::Array clients;
    std::set<std::string> seen;
    section(fields, "federatedAuthenticators", [&](Fields& part, const json::Object& object) {
      notes_.dropUnknown(object, part.place(), {"defaultAuthenticatorId", "authenticators"});
      readElements(part, "authenticators", kMaxRows, [&](Fields& row, const json::Object&) {
        const std::string client = clientOf(row);
        const bool enabled = row.booleanOr("isEnabled", false);
        if (row.error()) return;
        if (enabled && !client.empty() && seen.insert(client).second) clients.emplace_back(client);
        notes_.dropped(row.place(),
                       enabled && !client.empty()
                           ? "signing users in is the gateway's business; its ClientId is known"
                           : "signing users in is the gateway's business");
      });
      return 0;
    });
    return clients;
  }

  static std::string clientOf(Fields& authenticator) {
    std::string client;
    readElements(authenticator, "properties", kMaxRows, [&](Fields& row, const json::Object&) {
      const std::string key = row.text("key");
      const std::string value = row.textOr("value", "");
      if (key == "ClientId") client = value;
    });
    return client;
  }

  void dropTheRest(const Fields& fields, const json::Object& source) {
    for (const json::Member& member : source) {
      const auto* known = std::find_if(kNotOurs.begin(), kNotOurs.end(), [&](const auto& entry) {
        return entry.first == member.key;
      });
      if (known == kNotOurs.end() || isBlank(member.value)) continue;
      // An association that is off is as good as none.
      if (member.key == "implicitAssociation" && member.value.boolAt("isEnabled") == false)
        continue;
      notes_.dropped(fields.place().member(member.key), std::string(known->second));
    }
    notes_.dropUnknown(source, fields.place(),
                       {"id",
                        "self",
                        "image",
                        "templateId",
                        "isPrimary",
                        "isFederationHub",
                        "homeRealmIdentifier",
                        "alias",
                        "groups",
                        "implicitAssociation",
                        "name",
                        "isEnabled",
                        "description",
                        "claims",
                        "roles",
                        "provisioning",
                        "certificate",
                        "federatedAuthenticators",
                        "idpIssuerName",
                        "issuer"});
  }

  const scim::Registry& registry_;
  const scim::ResourceType& user_type_;
  const ImportOptions& options_;
  json::Object settings_;
  ImportNotes notes_;
};

}  // namespace

std::string_view nameOf(ImportFate fate) {
  switch (fate) {
    case ImportFate::kKept:
      return "kept";
    case ImportFate::kChanged:
      return "changed";
    case ImportFate::kDropped:
      break;
  }
  return "dropped";
}

Result<std::vector<ImportedIdentityProvider>> importWso2(const scim::Registry& registry,
                                                         const scim::ResourceType& user_type,
                                                         const json::Value& source,
                                                         const ImportOptions& options) {
  const json::Value cleaned = withoutNulls(source);
  Place place("identity provider of WSO2");
  std::vector<std::pair<const json::Value*, Place>> all;
  const json::Value* list = &cleaned;
  if (const json::Value* members = cleaned.find("identityProviders")) {
    list = members;
    place = place.member("identityProviders");
  }
  if (const json::Array* elements = list->array()) {
    for (std::size_t i = 0; i < elements->size(); ++i) {
      all.emplace_back(&(*elements)[i], place.element(i));
    }
  } else {
    all.emplace_back(list, place);
  }
  if (all.empty()) return tl::make_unexpected(place.error("is empty"));
  if (all.size() > 1 && !options.name.empty()) {
    return tl::make_unexpected(
        place.error("has several identity providers, which cannot have one name"));
  }
  std::vector<ImportedIdentityProvider> imported;
  for (const auto& [value, where] : all) {
    const json::Object* object = value->object();
    if (object == nullptr) return tl::make_unexpected(where.error("must be an object"));
    auto one = Importer(registry, user_type, options).import(*object, where);
    if (!one) return propagate(one);
    imported.push_back(*std::move(one));
  }
  return imported;
}

}  // namespace vestibule::jit
