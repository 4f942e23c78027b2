#include "population.h"

#include <algorithm>
#include <array>

#include "json/write.h"

namespace vestibule::bench {
namespace {

constexpr std::uint64_t kMaxSmallGroups = 2'000;
constexpr std::uint64_t kReports = 9;  // people one manager has

enum Salt : std::uint64_t { kPerson = 1, kUserId = 2, kGroupId = 4 };

std::string paddedNumber(std::uint64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

void appendMember(std::string& out, std::string_view key, std::string_view value) {
  if (out.back() != '{') out += ',';
  json::appendString(out, key);
  out += ':';
  json::appendString(out, value);
}

std::string emailOf(const Person& person) { return person.userName(); }

std::string phoneOf(const Person& person, std::uint64_t shift) {
  return std::string(person.culture->dialling_code) + " " +
         paddedNumber((person.bits >> shift) % 900 + 100, 3) + " " +
         paddedNumber((person.bits >> (shift + 7)) % 10'000'000, 7);
}

std::string_view departmentOf(const Person& person) { return departments()[person.department]; }

std::string employeeNumberOf(const Person& person) { return "E-" + person.label; }

}  // namespace

std::uint64_t Layout::largeMembers() const { return std::min(kLargeMembers, users / 10); }

std::uint64_t Layout::smallGroups() const {
  return std::max<std::uint64_t>(1, std::min(kMaxSmallGroups, largeMembers() / kSmallMembers));
}

std::uint64_t Layout::firstSmallGroup() const { return 1 + departments().size(); }

std::uint64_t Layout::groups() const { return firstSmallGroup() + smallGroups(); }

std::vector<std::uint64_t> Layout::membersOfSmall(std::uint64_t small) const {
  std::vector<std::uint64_t> members;
  for (std::uint64_t i = 0; i < kSmallMembers; ++i) {
    const std::uint64_t n = (small * kSmallMembers + i) % largeMembers();
    if (std::find(members.begin(), members.end(), n) == members.end()) members.push_back(n);
  }
  return members;
}

std::uint64_t Layout::firstChanging() const { return users - users / 8; }

std::uint64_t mix(std::uint64_t seed, std::uint64_t n, std::uint64_t salt) {
  // The finisher of SplitMix64, over three inputs that are spread apart by odd constants.
  std::uint64_t z =
      seed * 0x9E3779B97F4A7C15U + n * 0xD1B54A32D192ED03U + salt * 0x8CB92BA72F3D8DD7U;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

std::string Person::userNamePrefix() const {
  std::string name;
  name.reserve(64);
  return name.append(given.ascii).append(".").append(family.ascii).append(".").append(label);
}

std::string Person::userName() const { return userNamePrefix().append("@bench.example"); }

std::string Person::displayName() const {
  if (culture->family_first) return std::string(family.written).append(given.written);
  return std::string(given.written).append(" ").append(family.written);
}

std::string Person::subject() const { return "00u" + label + "bench"; }

ResourceId Population::id(std::uint64_t n, ResourceKind kind) const {
  ResourceId::Bytes bytes{};
  const std::uint64_t salt = kind == ResourceKind::kUser ? kUserId : kGroupId;
  for (std::size_t half = 0; half < 2; ++half) {
    const std::uint64_t random = mix(layout_.seed, n, salt + half);
    for (std::size_t i = 0; i < 8; ++i) {
      bytes[8 * half + i] = static_cast<std::uint8_t>(random >> (8 * i));
    }
  }
  // The form of ResourceId: see base/resource_id.h.
  bytes[6] = static_cast<std::uint8_t>(0x80U | (bytes[6] & 0x0FU));
  bytes[7] = static_cast<std::uint8_t>(kind);
  bytes[8] = static_cast<std::uint8_t>(0x80U | (bytes[8] & 0x3FU));
  bytes[10] = static_cast<std::uint8_t>(domain_.value() >> 8U);
  bytes[11] = static_cast<std::uint8_t>(domain_.value());
  return ResourceId(bytes);
}

ResourceId Population::userId(std::uint64_t n) const { return id(n, ResourceKind::kUser); }
ResourceId Population::groupId(std::uint64_t g) const { return id(g, ResourceKind::kGroup); }

Person Population::person(std::uint64_t n) const { return person(n, paddedNumber(n, 7)); }

Person Population::person(std::uint64_t n, std::string label) const {
  const std::uint64_t random = mix(layout_.seed, n, kPerson);
  Person person;
  person.bits = random;
  person.culture = &cultures()[random % cultures().size()];
  person.given = person.culture->given[(random >> 8U) % person.culture->given.size()];
  person.family = person.culture->family[(random >> 16U) % person.culture->family.size()];
  person.title = titles()[(random >> 24U) % titles().size()];
  person.department = (random >> 32U) % departments().size();
  person.label = std::move(label);
  if (n > 0) person.manager = userId((n - 1) / kReports).text();
  return person;
}

std::string Population::groupName(std::uint64_t g) const {
  if (g == 0) return "All Employees";
  if (g < layout_.firstSmallGroup()) return std::string(departments()[g - 1]);
  return "Project Team " + paddedNumber(g - layout_.firstSmallGroup(), 4);
}

std::string scimUser(const Person& person) {
  const auto& culture = *person.culture;
  const std::string display = person.displayName();
  std::string out;
  out.reserve(2'048);
  out += R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",)"
         R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"name":{)";
  appendMember(out, "familyName", person.family.written);
  appendMember(out, "givenName", person.given.written);
  appendMember(out, "formatted", display);
  out += '}';
  appendMember(out, "userName", person.userName());
  appendMember(out, "externalId", person.subject());
  appendMember(out, "displayName", display);
  appendMember(out, "nickName", person.given.written);
  appendMember(out, "profileUrl", "https://people.bench.example/profiles/" + person.label);
  appendMember(out, "title", person.title);
  appendMember(out, "userType", (person.bits >> 40U) % 8 == 0 ? "Contractor" : "Employee");
  appendMember(out, "preferredLanguage", culture.language);
  appendMember(out, "locale", culture.locale);
  appendMember(out, "timezone", culture.time_zone);
  out += R"(,"active":true,"emails":[{)";
  appendMember(out, "value", emailOf(person));
  appendMember(out, "type", "work");
  out += R"(,"primary":true}],"phoneNumbers":[{)";
  appendMember(out, "value", phoneOf(person, 3));
  appendMember(out, "type", "work");
  out += "},{";
  appendMember(out, "value", phoneOf(person, 11));
  appendMember(out, "type", "mobile");
  out += R"(}],"photos":[{)";
  appendMember(out, "value", "https://people.bench.example/photos/" + person.label + ".jpg");
  appendMember(out, "type", "photo");
  out += R"(}],"addresses":[{)";
  const std::string street =
      std::string(culture.street) + " " + std::to_string((person.bits >> 44U) % 200 + 1);
  const std::string postal_code = paddedNumber((person.bits >> 20U) % 90'000 + 10'000, 5);
  appendMember(out, "formatted",
               street + "\n" + postal_code + " " + std::string(culture.city) + "\n" +
                   std::string(culture.country));
  appendMember(out, "streetAddress", street);
  appendMember(out, "locality", culture.city);
  appendMember(out, "postalCode", postal_code);
  appendMember(out, "country", culture.country);
  appendMember(out, "type", "work");
  out += R"(,"primary":true}],"roles":[{)";
  appendMember(out, "value", "staff");
  appendMember(out, "display", "Member of staff");
  out += R"(}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{)";
  appendMember(out, "employeeNumber", employeeNumberOf(person));
  appendMember(out, "costCenter", "CC-" + paddedNumber(person.department * 17 % 1'000, 4));
  appendMember(out, "organization", "Bench Industries");
  appendMember(out, "division", departmentOf(person).substr(departmentOf(person).rfind(' ') + 1));
  appendMember(out, "department", departmentOf(person));
  if (!person.manager.empty()) {
    out += R"(,"manager":{)";
    appendMember(out, "value", person.manager);
    out += '}';
  }
  out += "}}";
  return out;
}

std::string claims(const Person& person) {
  const auto& culture = *person.culture;
  std::string out;
  out.reserve(1'024);
  out += '{';
  appendMember(out, "iss", "https://login.bench.example/oauth2/default");
  appendMember(out, "aud", "vestibule-gateway");
  appendMember(out, "sub", person.subject());
  appendMember(out, "preferred_username", person.userName());
  appendMember(out, "name", person.displayName());
  appendMember(out, "given_name", person.given.written);
  appendMember(out, "family_name", person.family.written);
  appendMember(out, "email", emailOf(person));
  out += R"(,"email_verified":true,"auth_time":1790000000)";
  appendMember(out, "locale", culture.locale);
  appendMember(out, "zoneinfo", culture.time_zone);
  appendMember(out, "phone_number", phoneOf(person, 3));
  appendMember(out, "title", person.title);
  appendMember(out, "department", departmentOf(person));
  appendMember(out, "employee_number", employeeNumberOf(person));
  out += R"(,"groups":[)";
  json::appendString(out, departmentOf(person));
  out += R"(,"vpn-users"]})";
  return out;
}

std::string provisionBody(const Person& person, std::string_view provider) {
  std::string out = "{";
  appendMember(out, "identityProvider", provider);
  appendMember(out, "subject", person.subject());
  out += R"(,"claims":)";
  out += claims(person);
  out += '}';
  return out;
}

std::string identityProviderSettings(const std::string& key_set_file) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kMappings = {{
      {"email", R"(emails[type eq "work"].value)"},
      {"given_name", "name.givenName"},
      {"family_name", "name.familyName"},
      {"name", "displayName"},
      {"locale", "locale"},
      {"zoneinfo", "timezone"},
      {"phone_number", R"(phoneNumbers[type eq "work"].value)"},
      {"title", "title"},
      {"department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"},
      {"employee_number",
       "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"},
  }};
  std::string out = "{";
  appendMember(out, "name", kIdentityProvider);
  out +=
      R"(,"enabled":true,"claims":{"userIdClaim":"preferred_username","roleClaim":"groups","mappings":[)";
  for (const auto& [claim, attribute] : kMappings) {
    if (out.back() != '[') out += ',';
    out += '{';
    appendMember(out, "idpClaim", claim);
    appendMember(out, "attribute", attribute);
    out += '}';
  }
  out += R"(]},"roles":{"mappings":[)";
  for (const auto department : departments()) {
    if (out.back() != '[') out += ',';
    out += '{';
    appendMember(out, "idpRole", department);
    appendMember(out, "localRole", std::string(kDomain) + "/" + std::string(department));
    out += '}';
  }
  out += R"(],"unmapped":"drop"},"jit":{"isEnabled":true)";
  appendMember(out, "userstore", kDomain);
  appendMember(out, "attributeSyncMethod", "OVERRIDE_ALL");
  appendMember(out, "idpGroupSyncMethod", "OVERRIDE_ALL");
  out += R"(},"idToken":{"required":false,"clientIds":["vestibule-gateway"])";
  appendMember(out, "issuer", "https://login.bench.example/oauth2/default");
  appendMember(out, "jwksUri", key_set_file);
  // Answers are kept for longer than a measurement takes.
  out += R"(},"forwardAuth":{"cacheSeconds":300)";
  appendMember(out, "idTokenHeader", kProxyTokenHeader);
  out += "}}";
  return out;
}

std::string newLabel(std::uint64_t microseconds) {
  std::string label(kNewLabelLength, '0');
  for (std::size_t i = kNewLabelLength; i-- > 0; microseconds /= 36) {
    label[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[microseconds % 36];
  }
  return label;
}

}  // namespace vestibule::bench
