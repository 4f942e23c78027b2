#include "jit/wso2_claim_import.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "base/blanks.h"
#include "base/unicode.h"
#include "jit/attribute_target.h"
#include "jit/claims.h"
#include "jit/settings_reader.h"
#include "jit/wso2_claims.h"

namespace vestibule::jit {
namespace {

using scim::Fields;
using scim::Place;

/// What WSO2's user stores have between values unless they say otherwise.
constexpr std::string_view kValueSeparator = ",";
constexpr std::size_t kMaxRows = 100'000;

/// The `uri` of the claim object at `key`, empty where there is none. What else it has describes
/// the claim.
std::string uriAt(Fields& fields, std::string_view key) {
  const json::Object* claim = fields.object(key);
  if (claim == nullptr) return {};
  Fields parts(*claim, fields.place().member(key));
  std::string uri = parts.textOr("uri", "");
  if (parts.error()) fields.adopt(*parts.error());
  return uri;
}

class ClaimReader {
 public:
  ClaimReader(Fields& fields, const scim::Registry& registry, const scim::ResourceType& user_type,
              ImportNotes& notes)
      : fields_(fields), registry_(registry), user_type_(user_type), notes_(notes) {}

  ImportedClaims read() {
    user_name_ = namedClaim("userIdClaim", "names new users");
    roles_ = namedClaim("roleClaim", "holds the roles");
    readElements(fields_, "mappings", kMaxRows, [&](Fields& row, const json::Object& object) {
      has_dialect_ = true;
      readMapping(row, object);
    });
    readElements(fields_, "provisioningClaims", kMaxRows,
                 [&](Fields& row, const json::Object& object) { readDefault(row, object); });
    if (!has_dialect_) {
      notes_.dropped(
          fields_.place().member("mappings"),
          "is empty: WSO2 then takes claims of its own dialect and of the protocol; here "
          "what has no mapping is not stored");
    }
    json::Array rows;
    for (Row& row : rows_) rows.emplace_back(std::move(row.mapping));
    ImportedClaims imported;
    imported.email = email_;
    imported.has_roles = !roles_.empty();
    imported.section = {{"userIdClaim", user_name_}, {"roleClaim", roles_}};
    if (!roles_.empty()) {
      imported.section.set("roleClaimSeparator", kValueSeparator);
      notes_.changed(
          fields_.place().member("roleClaim"),
          "a text is divided at ',', as WSO2's user stores do unless they say otherwise");
    }
    imported.section.set("mappings", std::move(rows));
    return imported;
  }

 private:
  struct Row {
    std::string claim;
    AttributeTarget target;
    json::Object mapping;
  };

  std::string namedClaim(std::string_view key, const std::string& does) {
    const Place place = fields_.place().member(key);
    std::string uri = uriAt(fields_, key);
    if (uri.empty() || fields_.error()) return {};
    if (const auto path = ClaimPath::compile(uri); !path) {
      notes_.dropped(place, path.error().detail);
      return {};
    }
    notes_.kept(place, "'" + uri + "' " + does);
    return uri;
  }

  void readMapping(Fields& row, const json::Object& object) {
    notes_.dropUnknown(object, row.place(), {"idpClaim", "localClaim"});
    const std::string claim = row.text("idpClaim");
    const std::string local = uriAt(row, "localClaim");
    if (local.empty()) row.fail("localClaim", "must have the uri of a local claim");
    if (row.error()) return;
    if (local == kWso2UserName) {
      mapUserName(row.place(), claim);
    } else if (isWso2RoleClaim(local)) {
      mapRoles(row.place(), claim);
    } else {
      mapAttribute(row.place(), claim, local);
    }
  }

  void mapUserName(const Place& place, const std::string& claim) {
    if (claim == user_name_) {
      notes_.kept(place, "'" + claim + "' names new users, as userIdClaim says");
    } else {
      notes_.dropped(place,
                     "no mapping writes the user name: it comes from userIdClaim, else it is "
                     "the subject");
    }
  }

  void mapRoles(const Place& place, const std::string& claim) {
    if (claim == roles_) {
      notes_.kept(place, "'" + claim + "' holds the roles");
    } else if (!roles_.empty()) {
      notes_.dropped(place, "roles come from one claim, which is '" + roles_ + "'");
    } else if (const auto path = ClaimPath::compile(claim); !path) {
      notes_.dropped(place, path.error().detail);
    } else {
      roles_ = claim;
      notes_.changed(place,
                     "'" + claim + "' is the roleClaim, which the source leaves to this row");
    }
  }

  /// True when the claim has a row now.
  bool mapAttribute(const Place& place, const std::string& claim, const std::string& local) {
    const auto known = wso2Claim(local);
    if (!known) {
      notes_.dropped(place, "'" + local + "' is no attribute in WSO2's SCIM dialects: map '" +
                                claim + "' yourself");
      return false;
    }
    const std::string attribute(known->attribute);
    if (known->misleading) {
      notes_.dropped(place, "WSO2 maps '" + local + "' to " + attribute +
                                ", which means something else: map '" + claim + "' yourself");
      return false;
    }
    const auto path = ClaimPath::compile(claim);
    auto target = AttributeTarget::bind(registry_, user_type_, attribute);
    if (!path || !target) {
      notes_.dropped(place, path ? target.error().detail : path.error().detail);
      return false;
    }
    for (const Row& other : rows_) {
      if (!other.target.overlaps(*target)) continue;
      notes_.dropped(place, attribute + " has '" + other.claim + "' already");
      return false;
    }
    if (local == kWso2Email && email_.empty()) email_ = claim;
    notes_.kept(place, "'" + claim + "' becomes " + attribute);
    rows_.push_back({claim, *std::move(target),
                     json::Object{{"idpClaim", claim}, {"attribute", known->attribute}}});
    return true;
  }

  void readDefault(Fields& row, const json::Object& object) {
    notes_.dropUnknown(object, row.place(), {"claim", "defaultValue"});
    const std::string claim = uriAt(row, "claim");
    if (claim.empty()) row.fail("claim", "must have the uri of a claim");
    const std::string value = row.textOr("defaultValue", "");
    if (row.error()) return;
    const auto mapped = [&] {
      return std::find_if(rows_.begin(), rows_.end(),
                          [&](const Row& each) { return each.claim == claim; });
    };
    // In WSO2's own dialect a claim is its own mapping.
    if (mapped() == rows_.end() && wso2Claim(claim) && claim != kWso2UserName &&
        !isWso2RoleClaim(claim)) {
      if (!mapAttribute(row.place(), claim, claim)) return;
    }
    const auto found = mapped();
    if (found == rows_.end()) {
      notes_.dropped(row.place(), "'" + claim +
                                      "' is mapped to no attribute, and only attributes have "
                                      "defaults here");
      return;
    }
    if (trimmed(value).empty()) {
      notes_.kept(row.place(), "'" + claim + "' is taken whenever it is sent");
      return;
    }
    setDefault(row.place(), *found, value);
  }

  void setDefault(const Place& place, Row& row, const std::string& value) {
    json::Value stated(value);
    if (row.target.takesList()) stated = json::Array{stated};
    const auto converted = row.target.convert(stated);
    if (row.mapping.find("defaultValue") != nullptr) {
      notes_.dropped(place, "'" + row.claim + "' has a default already");
    } else if (!converted || converted->isNull()) {
      notes_.dropped(place, "the default does not fit " + row.target.text());
    } else {
      row.mapping.set("defaultValue", value);
      notes_.kept(place, "'" + row.claim + "' has the default when it is absent or blank");
    }
  }

  Fields& fields_;
  const scim::Registry& registry_;
  const scim::ResourceType& user_type_;
  ImportNotes& notes_;
  std::string user_name_;
  std::string roles_;
  std::string email_;
  std::vector<Row> rows_;
  bool has_dialect_ = false;  ///< claims are mapped by rows
};

/// The name of a role of no user store, which has no counterpart here.
bool isOfNoStore(std::string_view prefix) {
  constexpr std::array<std::string_view, 3> kHybrid{"Internal", "Application", "Workflow"};
  return std::any_of(kHybrid.begin(), kHybrid.end(), [&](std::string_view hybrid) {
    return equalIgnoringAsciiCase(hybrid, prefix);
  });
}

}  // namespace

ImportedClaims importWso2Claims(Fields& claims, const json::Object& source,
                                const scim::Registry& registry, const scim::ResourceType& user_type,
                                ImportNotes& notes) {
  notes.dropUnknown(source, claims.place(),
                    {"userIdClaim", "roleClaim", "mappings", "provisioningClaims"});
  return ClaimReader(claims, registry, user_type, notes).read();
}

json::Object importWso2Roles(Fields& roles, const json::Object& source, bool has_role_claim,
                             ImportNotes& notes) {
  notes.dropUnknown(source, roles.place(), {"mappings", "outboundProvisioningRoles"});
  json::Array rows;
  std::set<std::pair<std::string, std::string>> seen;
  readElements(roles, "mappings", kMaxRows, [&](Fields& row, const json::Object& object) {
    notes.dropUnknown(object, row.place(), {"idpRole", "localRole"});
    const std::string role = row.text("idpRole");
    const std::string local = row.text("localRole");
    if (row.error()) return;
    const auto slash = local.find('/');
    const std::string prefix = slash == std::string::npos ? "PRIMARY" : local.substr(0, slash);
    const std::string group = slash == std::string::npos ? local : local.substr(slash + 1);
    const std::string target = upperAscii(prefix) + "/" + group;
    if (slash != std::string::npos && isOfNoStore(prefix)) {
      notes.dropped(row.place(), "'" + local +
                                     "' is a role of no user store, which does not exist "
                                     "here: map to a group");
    } else if (!seen.emplace(role, target).second) {
      notes.dropped(row.place(), "is there twice");
    } else {
      rows.emplace_back(json::Object{{"idpRole", role}, {"localRole", target}});
      notes.kept(row.place(), "'" + role + "' grants the group " + target);
    }
  });
  if (const auto* outbound = roles.array("outboundProvisioningRoles");
      outbound != nullptr && !outbound->empty()) {
    notes.dropped(roles.place().member("outboundProvisioningRoles"),
                  "nothing is provisioned to other systems");
  }
  if (!has_role_claim && !rows.empty()) {
    notes.changed(roles.place().member("mappings"),
                  "have no effect: no claim holds the roles (claims.roleClaim)");
  }
  if (has_role_claim) {
    notes.changed(
        roles.place(),
        "whether WSO2 passes roles that no mapping names is a setting of its server; here "
        "they are dropped (roles.unmapped)");
  }
  return {{"mappings", std::move(rows)}, {"unmapped", "drop"}};
}

}  // namespace vestibule::jit
