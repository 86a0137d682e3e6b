#include "server/access/matrix.h"

#include <algorithm>
#include <array>

namespace ladon::access {
namespace {

using base::Role;

// Read a line as: this call, under this number in the security log, may be made by these roles,
// each for its own school or for all schools. A test walks every RPC of every service and fails
// on one without a line.
constexpr std::array kMatrix = {
    // A till, while a child stands before it.
    Rule{"/ladon.v1.TerminalService/Identify", 101, {{Role::kTerminal, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.TerminalService/Debit", 102, {{Role::kTerminal, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.TerminalService/IdentifyAndDebit", 103, {{Role::kTerminal, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.TerminalService/Cancel",
         104,
         {{Role::kTerminal, Scope::kOwnSchool}, {Role::kSeniorCashier, Scope::kOwnSchool}}},

    // Everybody may ask what became of a call of their own.
    Rule{"/ladon.v1.OperationService/GetOperation",
         201,
         {{Role::kTerminal, Scope::kOwnSchool},
          {Role::kSeniorCashier, Scope::kOwnSchool},
          {Role::kEnroller, Scope::kOwnSchool},
          {Role::kSysadmin, Scope::kAllSchools}}},

    Rule{"/ladon.v1.OperationService/Ping",
         202,
         {{Role::kTerminal, Scope::kOwnSchool},
          {Role::kSeniorCashier, Scope::kOwnSchool},
          {Role::kEnroller, Scope::kOwnSchool},
          {Role::kSysadmin, Scope::kAllSchools}}},

    // Personal data: the enrolment desk of the school, nobody else.
    Rule{"/ladon.v1.EnrolmentService/CreateSubject", 301, {{Role::kEnroller, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.EnrolmentService/UpdateSubject", 302, {{Role::kEnroller, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.EnrolmentService/ListSubjects", 303, {{Role::kEnroller, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.EnrolmentService/RecordConsent", 304, {{Role::kEnroller, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.EnrolmentService/WithdrawConsent", 305, {{Role::kEnroller, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.EnrolmentService/EnrolPalm", 306, {{Role::kEnroller, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.EnrolmentService/BindCard", 307, {{Role::kEnroller, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.EnrolmentService/SetCardState", 308, {{Role::kEnroller, Scope::kOwnSchool}}},

    // Money that is not a meal: the senior cashier of the school.
    Rule{"/ladon.v1.AccountsService/TopUp", 401, {{Role::kSeniorCashier, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.AccountsService/GetBalance", 402, {{Role::kSeniorCashier, Scope::kOwnSchool}}},
    Rule{
        "/ladon.v1.AccountsService/GetStatement", 403, {{Role::kSeniorCashier, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.AccountsService/SetOverdraftLimit",
         404,
         {{Role::kSeniorCashier, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.AccountsService/SetFrozen", 405, {{Role::kSeniorCashier, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.AccountsService/SetLimits", 406, {{Role::kSeniorCashier, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.AccountsService/GetLimits", 407, {{Role::kSeniorCashier, Scope::kOwnSchool}}},

    Rule{"/ladon.v1.AccountsService/BatchTopUp", 408, {{Role::kSeniorCashier, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.AccountsService/PayOut", 409, {{Role::kSeniorCashier, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.AccountsService/SetEntitlements",
         410,
         {{Role::kSeniorCashier, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.AccountsService/GetEntitlements",
         411,
         {{Role::kSeniorCashier, Scope::kOwnSchool}}},

    // Proof: what the ledger stands for, to the auditor; a parent's receipt at the school's desk.
    Rule{"/ladon.v1.AuditService/GetCheckpoint",
         601,
         {{Role::kAuditor, Scope::kAllSchools}, {Role::kSeniorCashier, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.AuditService/GetConsistencyProof", 602, {{Role::kAuditor, Scope::kAllSchools}}},
    Rule{"/ladon.v1.AuditService/GetTile", 604, {{Role::kAuditor, Scope::kAllSchools}}},
    Rule{"/ladon.v1.AuditService/GetReceipt", 603, {{Role::kSeniorCashier, Scope::kOwnSchool}}},

    Rule{"/ladon.v1.AuditService/ExportExtract",
         605,
         {{Role::kAuditor, Scope::kAllSchools}, {Role::kSeniorCashier, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.AuditService/ListEntries",
         606,
         {{Role::kAuditor, Scope::kAllSchools}, {Role::kSeniorCashier, Scope::kOwnSchool}}},

    // Set-up: the sysadmin, who sees no personal data and moves no money.
    Rule{"/ladon.v1.AdminService/CreateSchool", 501, {{Role::kSysadmin, Scope::kAllSchools}}},
    Rule{"/ladon.v1.AdminService/UpdateSchoolSettings",
         502,
         {{Role::kSysadmin, Scope::kAllSchools}}},
    Rule{"/ladon.v1.AdminService/ListSchools", 503, {{Role::kSysadmin, Scope::kAllSchools}}},
    Rule{"/ladon.v1.AdminService/RegisterTerminal", 504, {{Role::kSysadmin, Scope::kAllSchools}}},
    Rule{"/ladon.v1.AdminService/SetTerminalState", 505, {{Role::kSysadmin, Scope::kAllSchools}}},
    Rule{"/ladon.v1.AdminService/ListTerminals",
         506,
         {{Role::kSysadmin, Scope::kAllSchools}, {Role::kSeniorCashier, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.AdminService/CreateCaterer", 507, {{Role::kSysadmin, Scope::kAllSchools}}},
    Rule{"/ladon.v1.AdminService/ListCaterers",
         508,
         {{Role::kSysadmin, Scope::kAllSchools},
          {Role::kSeniorCashier, Scope::kOwnSchool},
          {Role::kTerminal, Scope::kOwnSchool}}},
    Rule{"/ladon.v1.AdminService/PutPriceList", 509, {{Role::kSysadmin, Scope::kAllSchools}}},
    Rule{"/ladon.v1.AdminService/GetPriceList",
         510,
         {{Role::kSysadmin, Scope::kAllSchools},
          {Role::kSeniorCashier, Scope::kOwnSchool},
          {Role::kTerminal, Scope::kOwnSchool}}},

    // Whoever keeps the server runs its backups; what is in them he cannot read.
    Rule{"/ladon.v1.BackupService/CreateBackup", 701, {{Role::kSysadmin, Scope::kAllSchools}}},
    Rule{"/ladon.v1.BackupService/ListBackups", 702, {{Role::kSysadmin, Scope::kAllSchools}}},
};

}  // namespace

std::span<const Rule> Matrix() {
  return kMatrix;
}

const Rule* FindRule(std::string_view rpc) {
  const auto* const it = std::find_if(kMatrix.begin(), kMatrix.end(),
                                      [&](const Rule& rule) { return rule.rpc == rpc; });
  return it == kMatrix.end() ? nullptr : &*it;
}

const Grant* FindGrant(const Rule& rule, base::Role role) {
  for (const Grant& grant : rule.Granted()) {
    if (grant.role == role) return &grant;
  }
  return nullptr;
}

}  // namespace ladon::access
