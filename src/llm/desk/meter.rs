//! What was spent, and what may still be.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::LlmError;
use crate::models::{Budget, Price};
use crate::reply::Usage;

/// Time since the desk was opened.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Told after every change of what was spent.
pub type MeterReader = Arc<dyn Fn(&Spent) + Send + Sync>;

/// What models were used for, in all. What a stored exchange cost when it was made counts too, once.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Spent {
    /// Questions answered.
    pub calls: u64,
    /// Of these, questions whose answer was in the store when this desk was opened.
    pub calls_from_store: u64,
    /// Tokens of questions.
    pub prompt_tokens: u64,
    /// Tokens of replies.
    pub reply_tokens: u64,
    /// Money, in the currency of the prices.
    pub money: f64,
}

impl Spent {
    /// Tokens of questions and replies.
    pub fn tokens(&self) -> u64 {
        self.prompt_tokens + self.reply_tokens
    }
}

/// The most that something may cost, told before it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Estimate {
    /// Questions.
    pub calls: u64,
    /// Tokens: those of the question about, those of the reply at most.
    pub tokens: u64,
    /// Money, in the currency of the prices.
    pub money: f64,
}

impl Estimate {
    /// The estimate of one question.
    pub(crate) fn of(prompt_tokens: usize, reply_tokens: usize, price: Price) -> Self {
        Self {
            calls: 1,
            tokens: (prompt_tokens + reply_tokens) as u64,
            money: price.of(Usage {
                prompt_tokens,
                reused_tokens: 0,
                reply_tokens,
            }),
        }
    }

    /// The sum of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            tokens: self.tokens + other.tokens,
            money: self.money + other.money,
        }
    }
}

impl Price {
    /// The money for some tokens.
    pub fn of(&self, usage: Usage) -> f64 {
        (usage.prompt_tokens as f64 * self.prompt_per_million
            + usage.reply_tokens as f64 * self.reply_per_million)
            / 1e6
    }
}

#[derive(Debug, Default)]
struct Account {
    spent: Spent,
    reserved: Estimate,
}

/// What was spent, against what may be.
pub(crate) struct Meter {
    budget: Budget,
    clock: Clock,
    reader: Option<MeterReader>,
    account: Mutex<Account>,
}

/// Part of the budget that a question in flight may use up; given back when dropped.
#[derive(Debug)]
pub(crate) struct Reserve {
    meter: Arc<Meter>,
    estimate: Estimate,
}

impl Drop for Reserve {
    fn drop(&mut self) {
        let mut account = self.meter.lock();
        account.reserved.calls -= self.estimate.calls;
        account.reserved.tokens -= self.estimate.tokens;
        account.reserved.money -= self.estimate.money;
        if account.reserved.calls == 0 {
            // Sums of floating-point numbers need not come back to zero by themselves.
            account.reserved = Estimate::default();
        }
    }
}

impl Meter {
    pub(crate) fn new(budget: Budget, clock: Clock, reader: Option<MeterReader>) -> Self {
        Self {
            budget,
            clock,
            reader,
            account: Mutex::default(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn spent(&self) -> Spent {
        self.lock().spent
    }

    /// Sets aside what a question may cost.
    ///
    /// # Errors
    /// [`LlmError::Budget`] where that, with all that was spent and set aside, is more than may be spent.
    pub(crate) fn reserve(self: &Arc<Self>, estimate: Estimate) -> Result<Reserve, LlmError> {
        self.check_time()?;
        let mut account = self.lock();
        let Account { spent, reserved } = &*account;
        let over = |what: &str, used: String, limit: String| {
            Err(LlmError::Budget {
                what: what.to_owned(),
                used,
                limit,
            })
        };
        if let Some(limit) = self.budget.calls
            && spent.calls + reserved.calls + estimate.calls > limit
        {
            return over("calls", spent.calls.to_string(), limit.to_string());
        }
        if let Some(limit) = self.budget.tokens
            && spent.tokens() + reserved.tokens + estimate.tokens > limit
        {
            return over("tokens", spent.tokens().to_string(), limit.to_string());
        }
        if let Some(limit) = self.budget.money
            && spent.money + reserved.money + estimate.money > limit
        {
            return over("money", format!("{:.4}", spent.money), limit.to_string());
        }
        account.reserved = account.reserved.and(estimate);
        drop(account);
        Ok(Reserve {
            meter: Arc::clone(self),
            estimate,
        })
    }

    /// How long there is still, where minutes are limited.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        let minutes = self.budget.minutes?;
        let limit = Duration::try_from_secs_f64(minutes * 60.0).unwrap_or(Duration::MAX);
        Some(limit.saturating_sub((self.clock)()))
    }

    /// # Errors
    /// [`LlmError::Budget`] where no time is left.
    pub(crate) fn check_time(&self) -> Result<(), LlmError> {
        match self.time_left() {
            Some(Duration::ZERO) => Err(self.out_of_time()),
            _ => Ok(()),
        }
    }

    /// The error where no time is left.
    pub(crate) fn out_of_time(&self) -> LlmError {
        LlmError::Budget {
            what: "minutes".to_owned(),
            used: format!("{:.1}", (self.clock)().as_secs_f64() / 60.0),
            limit: self.budget.minutes.unwrap_or_default().to_string(),
        }
    }

    /// Counts what was answered.
    pub(crate) fn spend(&self, calls: u64, usage: Usage, money: f64, from_store: bool) {
        let spent = {
            let mut account = self.lock();
            let spent = &mut account.spent;
            spent.calls += calls;
            spent.calls_from_store += if from_store { calls } else { 0 };
            spent.prompt_tokens += usage.prompt_tokens as u64;
            spent.reply_tokens += usage.reply_tokens as u64;
            spent.money += money;
            *spent
        };
        if let Some(reader) = &self.reader {
            reader(&spent);
        }
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Meter")
            .field("budget", &self.budget)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}
