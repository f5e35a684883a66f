//! Writes users.

use async_trait::async_trait;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait, Set,
    Statement, sea_query::Expr,
};
use userhub_domain::{
    Error, Result,
    audit::Actor,
    clock::Timestamp,
    error::Conflict,
    users::{
        AuthVersion, EmailAddress, ExternalId, PasswordHash, PersonName, PhoneNumber, Role,
        SessionsAfter, User, UserId, UserWriter, Username, Version,
    },
};

use super::{
    entity::{
        admin_guard, audit_events,
        users::{ActiveModel, Column, Entity},
    },
    error::removal,
    unit_of_work::SqlUnitOfWork,
    users::TABLE,
};

/// Every member that `update` writes.
fn members(user: &User) -> Result<ActiveModel> {
    let metadata = serde_json::to_string(user.metadata.entries())
        .map_err(|error| Error::internal_from("writing users.metadata", error))?;
    Ok(ActiveModel {
        username: Set(user.username.as_ref().map(|it| it.as_str().to_owned())),
        username_canonical: Set(user.username.as_ref().map(Username::canonical)),
        email: Set(user.email.as_ref().map(|it| it.as_str().to_owned())),
        email_canonical: Set(user.email.as_ref().map(EmailAddress::canonical)),
        email_verified: Set(user.email_verified),
        first_name: Set(user.first_name.as_ref().map(PersonName::to_string)),
        last_name: Set(user.last_name.as_ref().map(PersonName::to_string)),
        phone_number: Set(user.phone_number.as_ref().map(PhoneNumber::to_string)),
        role: Set(user.role.as_str().to_owned()),
        suspended: Set(user.suspended),
        external_id: Set(user.external_id.as_ref().map(ExternalId::to_string)),
        metadata: Set(metadata),
        search_text: Set(user.search_text()),
        version: Set(user.version.0),
        created_at: Set(user.created_at),
        updated_at: Set(user.updated_at),
        deleted_at: Set(user.deleted_at),
        ..ActiveModel::default()
    })
}

fn raised() -> Expr {
    Expr::col(Column::AuthVersion).add(1)
}

impl SqlUnitOfWork {
    fn update_statement(
        &self,
        user: &User,
        expected: Version,
        sessions: SessionsAfter,
    ) -> Result<Statement> {
        let update = Entity::update_many()
            .set(members(user)?)
            .filter(Column::Id.eq(user.id.as_uuid()))
            .filter(Column::Version.eq(expected.0));
        let update = match sessions {
            SessionsAfter::Keep => update,
            SessionsAfter::End => update.col_expr(Column::AuthVersion, raised()),
        };
        Ok(update.build(self.backend()))
    }

    async fn has_working_admin_besides(&self, id: UserId) -> Result<bool> {
        let statement = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Role.eq(Role::Admin.as_str()))
            .filter(Column::Suspended.eq(false))
            .filter(Column::DeletedAt.is_null())
            .filter(Column::Id.ne(id.as_uuid()))
            .limit(1)
            .build(self.backend());
        Ok(self.row(TABLE, statement).await?.is_some())
    }

    /// Waits for every other change that may take away an administrator.
    async fn take_turn(&self) -> Result<()> {
        let statement = admin_guard::Entity::update_many()
            .col_expr(
                admin_guard::Column::Turns,
                Expr::col(admin_guard::Column::Turns).add(1),
            )
            .filter(admin_guard::Column::Id.eq(1))
            .build(self.backend());
        match self.run("admin_guard", statement).await? {
            1 => Ok(()),
            _ => Err(self
                .fail(Error::internal("the row of admin_guard is missing"))
                .await),
        }
    }

    /// Writes the user's row alone, whatever else stands in it.
    async fn write(
        &self,
        id: UserId,
        change: impl FnOnce(UserUpdate) -> UserUpdate,
    ) -> Result<u64> {
        self.touch(id);
        let update = Entity::update_many().filter(Column::Id.eq(id.as_uuid()));
        self.run(TABLE, change(update).build(self.backend())).await
    }
}

type UserUpdate = sea_orm::UpdateMany<Entity>;

#[async_trait]
impl UserWriter for SqlUnitOfWork {
    async fn insert(&self, user: &User, password_hash: &PasswordHash) -> Result<()> {
        self.touch(user.id);
        let row = ActiveModel {
            id: Set(user.id.as_uuid()),
            password_hash: Set(password_hash.expose().to_owned()),
            auth_version: Set(AuthVersion::FIRST.0),
            mfa_enabled: Set(user.mfa_enabled),
            last_login_at: Set(user.last_login_at),
            ..members(user)?
        };
        let statement = Entity::insert(row).build(self.backend());
        self.execute_identifying(user, statement).await?;
        Ok(())
    }

    async fn update(&self, user: &User, expected: Version, sessions: SessionsAfter) -> Result<()> {
        self.touch(user.id);
        let statement = self.update_statement(user, expected, sessions)?;
        match self.execute_identifying(user, statement).await? {
            0 => Err(self.fail(Conflict::Stale).await),
            _ => Ok(()),
        }
    }

    async fn update_keeping_an_admin(
        &self,
        user: &User,
        expected: Version,
        sessions: SessionsAfter,
    ) -> Result<()> {
        self.take_turn().await?;
        // First the update: whoever was overtaken has to look again.
        self.update(user, expected, sessions).await?;
        if self.has_working_admin_besides(user.id).await? {
            Ok(())
        } else {
            Err(self.fail(Conflict::LastAdmin).await)
        }
    }

    async fn set_password(
        &self,
        id: UserId,
        password_hash: &PasswordHash,
        expected: AuthVersion,
    ) -> Result<AuthVersion> {
        let rows = self
            .write(id, |update| {
                update
                    .col_expr(Column::PasswordHash, Expr::value(password_hash.expose()))
                    .col_expr(Column::AuthVersion, raised())
                    .filter(Column::AuthVersion.eq(expected.0))
                    .filter(Column::DeletedAt.is_null())
            })
            .await?;
        match rows {
            0 => Err(self.fail(Conflict::Stale).await),
            _ => Ok(expected.next()),
        }
    }

    async fn verify_email(&self, id: UserId, email: &EmailAddress, at: Timestamp) -> Result<bool> {
        let still_theirs = Condition::all()
            .add(Column::EmailCanonical.eq(email.canonical()))
            .add(Column::DeletedAt.is_null());
        let rows = self
            .write(id, |update| {
                update
                    .col_expr(Column::EmailVerified, Expr::value(true))
                    .col_expr(Column::Version, Expr::col(Column::Version).add(1))
                    .col_expr(Column::UpdatedAt, Expr::value(at))
                    .filter(still_theirs.clone())
                    .filter(Column::EmailVerified.eq(false))
            })
            .await?;
        if rows > 0 {
            return Ok(true);
        }
        let noted_before = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(still_theirs)
            .filter(Column::EmailVerified.eq(true))
            .build(self.backend());
        Ok(self.row(TABLE, noted_before).await?.is_some())
    }

    async fn rehash(&self, id: UserId, old: &PasswordHash, new: &PasswordHash) -> Result<()> {
        self.write(id, |update| {
            update
                .col_expr(Column::PasswordHash, Expr::value(new.expose()))
                .filter(Column::PasswordHash.eq(old.expose()))
        })
        .await?;
        Ok(())
    }

    async fn end_all_sessions(&self, id: UserId) -> Result<()> {
        self.write(id, |update| update.col_expr(Column::AuthVersion, raised()))
            .await?;
        Ok(())
    }

    async fn record_login(&self, id: UserId, at: Timestamp) -> Result<bool> {
        let rows = self
            .write(id, |update| {
                update.col_expr(Column::LastLoginAt, Expr::value(at))
            })
            .await?;
        Ok(rows > 0)
    }

    async fn purge(&self, id: UserId) -> Result<bool> {
        self.touch(id);
        // Sessions, tokens, second factor, keys and mails go with it.
        let delete = Entity::delete_many()
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::DeletedAt.is_not_null())
            .build(self.backend());
        let removed = self.try_execute(delete).await?;
        if removed.map_err(|error| removal(&error))? == 0 {
            return Ok(false);
        }
        let null = || Expr::value(Option::<String>::None);
        let forget = audit_events::Entity::update_many()
            .col_expr(audit_events::Column::Address, null())
            .col_expr(audit_events::Column::UserAgent, null())
            .filter(
                Condition::any()
                    .add(audit_events::Column::Subject.eq(id.as_uuid()))
                    .add(audit_events::Column::Actor.eq(Actor::User(id).to_text())),
            )
            .build(self.backend());
        self.run("audit_events", forget).await?;
        Ok(true)
    }
}
