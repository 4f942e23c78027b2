#include "jit/wso2_claims.h"

#include <algorithm>
#include <array>

namespace vestibule::jit {
namespace {

// `emails`, `phoneNumbers` and `photos` without a type are the primary ones: so users may have
// those of a type beside them.
constexpr auto kClaims = std::to_array<Wso2Claim>({
    {"http://wso2.org/claims/addresses", "addresses"},
    {"http://wso2.org/claims/addresses.locality", "addresses[type eq \"home\"].formatted", true},
    {"http://wso2.org/claims/region", "addresses[type eq \"work\"].formatted", true},
    {"http://wso2.org/claims/active", "active"},
    {"http://wso2.org/claims/costCenter",
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"},
    {"http://wso2.org/claims/created", "meta.created"},
    {"http://wso2.org/claims/department",
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"},
    {"http://wso2.org/claims/displayName", "displayName"},
    {"http://wso2.org/claims/emailaddress", "emails[primary eq true].value"},
    {"http://wso2.org/claims/emails.home", "emails[type eq \"home\"].value"},
    {"http://wso2.org/claims/emails.other", "emails[type eq \"other\"].value"},
    {"http://wso2.org/claims/emails.work", "emails[type eq \"work\"].value"},
    {"http://wso2.org/claims/entitlements", "entitlements"},
    {"http://wso2.org/claims/extendedDisplayName",
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName"},
    {"http://wso2.org/claims/extendedExternalId",
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"},
    {"http://wso2.org/claims/extendedRef",
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref"},
    {"http://wso2.org/claims/externalid", "externalId"},
    {"http://wso2.org/claims/formattedName", "name.formatted"},
    {"http://wso2.org/claims/gender",
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", true},
    {"http://wso2.org/claims/givenname", "name.givenName"},
    {"http://wso2.org/claims/gtalk", "ims[type eq \"gtalk\"].value"},
    {"http://wso2.org/claims/honorificPrefix", "name.honorificPrefix"},
    {"http://wso2.org/claims/honorificSuffix", "name.honorificSuffix"},
    {"http://wso2.org/claims/lastname", "name.familyName"},
    {"http://wso2.org/claims/local", "locale"},
    {"http://wso2.org/claims/location", "meta.location"},
    {"http://wso2.org/claims/metadata.version", "meta.version"},
    {"http://wso2.org/claims/middleName", "name.middleName"},
    {"http://wso2.org/claims/mobile", "phoneNumbers[type eq \"mobile\"].value"},
    {"http://wso2.org/claims/modified", "meta.lastModified"},
    {"http://wso2.org/claims/nickname", "nickName"},
    {"http://wso2.org/claims/organization",
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"},
    {"http://wso2.org/claims/phoneNumbers", "phoneNumbers[primary eq true].value"},
    {"http://wso2.org/claims/phoneNumbers.fax", "phoneNumbers[type eq \"fax\"].value"},
    {"http://wso2.org/claims/phoneNumbers.home", "phoneNumbers[type eq \"home\"].value"},
    {"http://wso2.org/claims/phoneNumbers.other", "phoneNumbers[type eq \"other\"].value"},
    {"http://wso2.org/claims/phoneNumbers.pager", "phoneNumbers[type eq \"pager\"].value"},
    {"http://wso2.org/claims/phoneNumbers.work", "phoneNumbers[type eq \"work\"].value"},
    {"http://wso2.org/claims/photos", "photos[primary eq true].value"},
    {"http://wso2.org/claims/photourl", "photos[type eq \"photo\"].value"},
    {"http://wso2.org/claims/preferredLanguage", "preferredLanguage"},
    {"http://wso2.org/claims/resourceType", "meta.resourceType"},
    {"http://wso2.org/claims/skype", "ims[type eq \"skype\"].value"},
    {"http://wso2.org/claims/stateorprovince",
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division", true},
    {"http://wso2.org/claims/thumbnail", "photos[type eq \"thumbnail\"].value"},
    {"http://wso2.org/claims/timeZone", "timezone"},
    {"http://wso2.org/claims/title", "title"},
    {"http://wso2.org/claims/url", "profileUrl"},
    {"http://wso2.org/claims/userType", "userType"},
    {"http://wso2.org/claims/userid", "id"},
    {"http://wso2.org/claims/username", "userName"},
    {"http://wso2.org/claims/x509Certificates", "x509Certificates"},
});

constexpr std::array<std::string_view, 3> kRoleClaims{
    "http://wso2.org/claims/role", "http://wso2.org/claims/roles", "http://wso2.org/claims/groups"};

}  // namespace

std::optional<Wso2Claim> wso2Claim(std::string_view uri) {
  const auto* found = std::find_if(kClaims.begin(), kClaims.end(),
                                   [&](const Wso2Claim& claim) { return claim.uri == uri; });
  return found == kClaims.end() ? std::nullopt : std::optional(*found);
}

bool isWso2RoleClaim(std::string_view uri) {
  return std::find(kRoleClaims.begin(), kRoleClaims.end(), uri) != kRoleClaims.end();
}

}  // namespace vestibule::jit
