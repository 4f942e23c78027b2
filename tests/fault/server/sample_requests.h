#pragma once
// A user, a login and an identity provider for the servers that are put through faults, and where
// their database is.

#include <sys/types.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/server_process.h"

namespace vestibule::test {

inline std::string identityProvider() {
  return R"({"name":"corp","enabled":true,"claims":{"userIdClaim":"preferred_username","mappings":[)"
         R"({"idpClaim":"email","attribute":"emails[type eq \"work\"].value"}]},)"
         R"("jit":{"isEnabled":true,"userstore":"PRIMARY"}})";
}

inline bool applyIdentityProvider(const ServerProcess& server,
                                  const std::filesystem::path& folder) {
  const auto file = folder / "idp.json";
  std::ofstream(file) << identityProvider();
  return server.command({"idp", "apply", file.string()}).status == 0;
}

inline std::string user(const std::string& name) {
  return R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" + name +
         R"(","externalId":"ext-)" + name + R"(","emails":[{"type":"work","value":")" + name +
         R"(@example.com"}]})";
}

inline std::string login(const std::string& subject) {
  return R"({"identityProvider":"corp","subject":")" + subject +
         R"(","claims":{"preferred_username":"jit-)" + subject + R"(","email":"jit-)" + subject +
         R"(@example.com"}})";
}

/// The process number of the private database below `data_dir`; 0 while there is none.
inline pid_t databasePid(const std::filesystem::path& data_dir) {
  std::ifstream file(data_dir / "mariadb" / "mariadb.pid");
  pid_t pid = 0;
  file >> pid;
  return pid;
}

}  // namespace vestibule::test
