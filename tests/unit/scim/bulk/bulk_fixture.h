#pragma once
// Bulk requests for tests.

#include <string>

#include "scim/bulk/request.h"
#include "support/scim_schemas.h"

namespace vestibule::scim::test {

inline constexpr const char* kEnterprise =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A message with these operations, and further members in front of them.
inline json::Value bulkMessage(const std::string& operations, const std::string& members = {}) {
  return parsed(R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], )" + members +
                R"( "Operations": )" + operations + "}");
}

inline Result<BulkRequest> readBulk(const std::string& operations, const std::string& members = {},
                                    std::uint64_t max_operations = 1'000) {
  return parseBulk(*schemas().registry, bulkMessage(operations, members), max_operations);
}

/// The operations of a request that is right.
inline std::vector<BulkOperation> bulkOperations(const std::string& operations) {
  Result<BulkRequest> request = readBulk(operations);
  if (!request) {
    std::cerr << "test data: " << request.error().detail << '\n' << operations << '\n';
    std::abort();
  }
  return std::move(request->operations);
}

/// A POST of a user: `more` are further members.
inline std::string userPost(const std::string& bulk_id, const std::string& more = {}) {
  return R"({"method": "POST", "path": "/Users", "bulkId": ")" + bulk_id +
         R"(", "data": {"userName": "u)" + bulk_id + "\"" + (more.empty() ? "" : ", ") + more +
         "}}";
}

/// A POST of a user whose manager is the user of another bulkId.
inline std::string userUnder(const std::string& bulk_id, const std::string& manager) {
  return userPost(bulk_id, std::string("\"") + kEnterprise +
                               R"(": {"manager": {"value": "bulkId:)" + manager + R"("}})");
}

/// A POST of a group with the users of these bulkIds.
inline std::string groupPost(const std::string& bulk_id, const std::vector<std::string>& members) {
  std::string list;
  for (const auto& member : members) {
    list += (list.empty() ? "" : ", ") + (R"({"value": "bulkId:)" + member + R"("})");
  }
  return R"({"method": "POST", "path": "/Groups", "bulkId": ")" + bulk_id +
         R"(", "data": {"displayName": "g)" + bulk_id + R"(", "members": [)" + list + "]}}";
}

}  // namespace vestibule::scim::test
