#include "store/consent_statements.h"

#include <string>

namespace vestibule::store {

std::vector<StatementText> consentStatements() {
  std::vector<StatementText> all;
  const auto add = [&](std::string_view name, std::string_view text) {
    all.push_back({std::string(name), std::string(text)});
  };
  add("consentDecisions", sql::kConsentDecisions);
  add("insertConsentDecisions", std::string(sql::kInsertConsentDecisions) +
                                    std::string(sql::kConsentDecision) +
                                    std::string(sql::kReplaceConsentDecision));
  add("insertConsentReceipt", sql::kInsertConsentReceipt);
  add("consentReceipt", sql::kConsentReceipt);
  add("consentReceiptsOfUser", sql::kConsentReceiptsOfUser);
  add("consentReceiptsByTime", sql::kConsentReceiptsByTime);
  add("revokeConsentReceipt", sql::kRevokeConsentReceipt);
  add("withdrawConsentDecisions", sql::kWithdrawConsentDecisions);
  add("forgetLoginsOfUser", sql::kForgetLoginsOfUser);
  add("deleteConsentDecisionsOfUser", sql::kDeleteConsentDecisionsOfUser);
  add("deleteConsentReceiptsOfUser", sql::kDeleteConsentReceiptsOfUser);
  add("receiptHoldersOfDomain", sql::kReceiptHoldersOfDomain);
  add("deleteConsentDecisionsOfUsers", sql::kDeleteConsentDecisionsOfUsers);
  add("deleteConsentReceiptsOfUsers", sql::kDeleteConsentReceiptsOfUsers);
  return all;
}

}  // namespace vestibule::store
