#include "scim/lines/column_mapping.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/blanks.h"
#include "base/unicode.h"

namespace vestibule::scim {
namespace {

constexpr std::string_view kEnterprise =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";

struct CommonName {
  std::string_view name;  ///< in lower case, without blanks, `-` and `_`
  std::string_view path;
};

constexpr std::array kOfUsers = {
    CommonName{"username", "userName"},
    CommonName{"user", "userName"},
    CommonName{"login", "userName"},
    CommonName{"loginname", "userName"},
    CommonName{"uid", "userName"},
    CommonName{"firstname", "name.givenName"},
    CommonName{"givenname", "name.givenName"},
    CommonName{"forename", "name.givenName"},
    CommonName{"middlename", "name.middleName"},
    CommonName{"lastname", "name.familyName"},
    CommonName{"familyname", "name.familyName"},
    CommonName{"surname", "name.familyName"},
    CommonName{"sn", "name.familyName"},
    CommonName{"fullname", "name.formatted"},
    CommonName{"name", "displayName"},
    CommonName{"email", "emails[type eq \"work\"].value"},
    CommonName{"emailaddress", "emails[type eq \"work\"].value"},
    CommonName{"mail", "emails[type eq \"work\"].value"},
    CommonName{"workemail", "emails[type eq \"work\"].value"},
    CommonName{"homeemail", "emails[type eq \"home\"].value"},
    CommonName{"phone", "phoneNumbers[type eq \"work\"].value"},
    CommonName{"phonenumber", "phoneNumbers[type eq \"work\"].value"},
    CommonName{"telephone", "phoneNumbers[type eq \"work\"].value"},
    CommonName{"telephonenumber", "phoneNumbers[type eq \"work\"].value"},
    CommonName{"workphone", "phoneNumbers[type eq \"work\"].value"},
    CommonName{"mobile", "phoneNumbers[type eq \"mobile\"].value"},
    CommonName{"mobilephone", "phoneNumbers[type eq \"mobile\"].value"},
    CommonName{"jobtitle", "title"},
    CommonName{"language", "preferredLanguage"},
    CommonName{"enabled", "active"},
    CommonName{"street", "addresses[type eq \"work\"].streetAddress"},
    CommonName{"streetaddress", "addresses[type eq \"work\"].streetAddress"},
    CommonName{"city", "addresses[type eq \"work\"].locality"},
    CommonName{"state", "addresses[type eq \"work\"].region"},
    CommonName{"postalcode", "addresses[type eq \"work\"].postalCode"},
    CommonName{"zip", "addresses[type eq \"work\"].postalCode"},
    CommonName{"country", "addresses[type eq \"work\"].country"},
    CommonName{"employeenumber",
               "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"},
    CommonName{"employeeid",
               "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"},
    CommonName{"department",
               "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"},
    CommonName{"division", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division"},
    CommonName{"costcenter",
               "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"},
    CommonName{"organization",
               "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"},
    CommonName{"company",
               "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"},
};
constexpr std::array kOfGroups = {
    CommonName{"name", "displayName"},
    CommonName{"group", "displayName"},
    CommonName{"groupname", "displayName"},
    CommonName{"cn", "displayName"},
};

std::string plainName(std::string_view name) {
  std::string plain = lowerAscii(trimmed(name));
  std::erase_if(plain, [](char c) { return c == ' ' || c == '-' || c == '_'; });
  return plain;
}

template <typename Names>
std::string_view pathIn(const Names& names, std::string_view plain) {
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const CommonName& each) { return each.name == plain; });
  return found == names.end() ? std::string_view() : found->path;
}

std::string_view commonPath(const ResourceType& type, std::string_view name) {
  const auto plain = plainName(name);
  return type.kind == ResourceKind::kUser ? pathIn(kOfUsers, plain) : pathIn(kOfGroups, plain);
}

/// What a SCIM server sends and no client writes.
bool isServersOwn(std::string_view name) {
  const auto plain = lowerAscii(trimmed(name));
  return plain == "meta" || plain.starts_with("meta.") || plain == "groups" || plain == "schemas";
}

bool isNamed(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

tl::unexpected<Error> badColumn(std::string_view name, const std::string& what) {
  return failure(ErrorKind::kInvalidValue, "column \"" + std::string(name) + "\" " + what);
}

tl::unexpected<Error> badMapping(const std::string& pointer, const std::string& what) {
  return failure(ErrorKind::kInvalidValue, "the mapping: " + pointer + " " + what);
}

}  // namespace

Result<MappingFile> MappingFile::read(const json::Value& document) {
  const auto* object = document.object();
  if (object == nullptr) {
    return failure(ErrorKind::kInvalidSyntax, "the mapping is not a JSON object");
  }
  MappingFile file;
  for (const auto& [key, value] : *object) {
    const std::string pointer = "/" + key;
    if (key == "columns") {
      if (!value.isObject()) return badMapping(pointer, "is no object");
      for (const auto& [column, path] : *value.object()) {
        if (!path.isString()) {
          std::string at = pointer;
          at.append("/").append(column);
          return badMapping(at, "is no path");
        }
        file.columns.emplace_back(column, *path.string());
      }
    } else if (key == "constants") {
      if (!value.isObject()) return badMapping(pointer, "is no object");
      for (const auto& [path, constant] : *value.object()) {
        file.constants.emplace_back(path, constant);
      }
    } else if (key == "separator") {
      if (!value.isString() || value.string()->empty()) {
        return badMapping(pointer, "is no text, or an empty one");
      }
      file.separator = *value.string();
    } else if (key == "ignore") {
      if (!value.isArray()) return badMapping(pointer, "is no array");
      for (const auto& column : *value.array()) {
        if (!column.isString()) return badMapping(pointer, "holds something else than names");
        file.ignored.push_back(*column.string());
      }
    } else {
      return badMapping(pointer, "is none of columns, constants, separator and ignore");
    }
  }
  return file;
}

Result<ColumnMapping> ColumnMapping::bind(const Registry& registry, const ResourceType& type,
                                          const std::vector<std::string>& header,
                                          const MappingFile& file) {
  ColumnMapping mapping;
  mapping.type_ = &type;
  mapping.separator_ = file.separator;
  for (const auto& [column, path] : file.columns) {
    if (!isNamed(header, column)) return badColumn(column, "of the mapping is not in the header");
  }
  std::set<std::string> taken;
  for (const auto& [path, constant] : file.constants) {
    auto target = ColumnTarget::bind(registry, type, path);
    if (!target) return propagate(target);
    taken.insert(target->text());
    mapping.constants_.emplace_back(*std::move(target), constant);
  }
  for (const auto& name : header) {
    const auto mapped = std::find_if(file.columns.begin(), file.columns.end(),
                                     [&](const auto& each) { return each.first == name; });
    const bool is_mapped = mapped != file.columns.end();
    if (!is_mapped &&
        (isServersOwn(name) || isNamed(file.ignored, name) || isNamed(file.ignored, "*"))) {
      mapping.targets_.emplace_back();
      continue;
    }
    auto target = ColumnTarget::bind(registry, type,
                                     is_mapped ? std::string_view(mapped->second) : trimmed(name));
    if (!target && !is_mapped) {
      if (const auto path = commonPath(type, name); !path.empty()) {
        target = ColumnTarget::bind(registry, type, path);
      }
    }
    if (!target) {
      return badColumn(name, "has no place: " + target.error().detail +
                                 "; a mapping says where it goes, or to ignore it");
    }
    if (!taken.insert(target->text()).second) {
      return badColumn(name, "is the second for " + target->text());
    }
    mapping.targets_.emplace_back(*std::move(target));
  }
  return mapping;
}

Result<json::Value> ColumnMapping::resourceOf(const Record& row) const {
  if (row.refused) return tl::make_unexpected(*row.refused);
  if (row.fields.size() != targets_.size()) {
    return failure(ErrorKind::kInvalidSyntax, "the row has " + std::to_string(row.fields.size()) +
                                                  " fields, the header " +
                                                  std::to_string(targets_.size()));
  }
  json::Object resource{{"schemas", json::Array{type_->schema->id}}};
  for (const auto& [target, constant] : constants_) target.putValue(resource, constant);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (targets_[i]) targets_[i]->put(resource, row.fields[i], separator_);
  }
  return json::Value(std::move(resource));
}

std::vector<std::string> usualColumns(const ResourceType& type) {
  if (type.kind == ResourceKind::kGroup) return {"id", "externalId", "displayName"};
  const std::string enterprise(kEnterprise);
  std::vector<std::string> columns{"id",
                                   "userName",
                                   "externalId",
                                   "active",
                                   "displayName",
                                   "name.givenName",
                                   "name.middleName",
                                   "name.familyName",
                                   "title",
                                   "userType",
                                   "preferredLanguage",
                                   "locale",
                                   "timezone",
                                   "emails[type eq \"work\"].value",
                                   "emails[type eq \"home\"].value",
                                   "phoneNumbers[type eq \"work\"].value",
                                   "phoneNumbers[type eq \"mobile\"].value",
                                   "addresses[type eq \"work\"].streetAddress",
                                   "addresses[type eq \"work\"].locality",
                                   "addresses[type eq \"work\"].region",
                                   "addresses[type eq \"work\"].postalCode",
                                   "addresses[type eq \"work\"].country"};
  const bool has_enterprise =
      std::any_of(type.extensions.begin(), type.extensions.end(),
                  [&](const auto& extension) { return extension.schema->id + ":" == enterprise; });
  if (!has_enterprise) return columns;
  for (const char* name :
       {"employeeNumber", "department", "division", "costCenter", "organization"}) {
    columns.push_back(enterprise + name);
  }
  return columns;
}

}  // namespace vestibule::scim
