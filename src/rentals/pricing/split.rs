//! Splitting an amount without losing a cent.

use std::cmp::Reverse;

use crate::money::Money;

/// Splits an amount in proportion to weights: each share rounded down to the cent, and the
/// cents that are left one each to the largest remainders, to the earlier of equal ones.
///
/// The shares sum up to the amount. No share exceeds its weight where the amount does not
/// exceed their sum. Amount and weights are not negative; what is, counts as nothing. Weights
/// that are all nothing count the same. Without weights there are no shares.
#[must_use]
pub fn split(amount: Money, weights: &[Money]) -> Vec<Money> {
    let weigh = |weight: &Money| i128::from(weight.or_zero().cents());
    let total: i128 = weights.iter().map(weigh).sum();
    let (weights, total): (Vec<i128>, i128) = if total > 0 {
        (weights.iter().map(weigh).collect(), total)
    } else {
        // As many as there are weights, which a vector could hold.
        (vec![1; weights.len()], weights.iter().map(|_| 1).sum())
    };
    if weights.is_empty() {
        return Vec::new();
    }
    let amount = i128::from(amount.or_zero().cents());
    let mut shares: Vec<i128> = weights.iter().map(|weight| amount * weight / total).collect();
    let mut left = amount - shares.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    // A stable sort: of equal remainders the earlier one stays first.
    order.sort_by_key(|&place| Reverse(weights.get(place).map(|weight| amount * weight % total)));
    for place in order {
        if let Some(share) = shares.get_mut(place)
            && left > 0
        {
            *share += 1;
            left -= 1;
        }
    }
    // No share is larger than the amount, so each is one.
    shares.into_iter().map(|cents| Money::from_cents(cents).unwrap_or(Money::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::tests::money;
    use proptest::prelude::*;

    #[test]
    fn left_over_cents_go_to_the_largest_remainders() {
        let weights = ["0.01", "0.02", "0.04"].map(money);
        assert_eq!(split(money("0.04"), &weights), ["0.01", "0.01", "0.02"].map(money));
        // Of equal remainders the earlier one counts.
        let weights = ["0.01", "0.01", "0.02"].map(money);
        assert_eq!(split(money("0.02"), &weights), ["0.01", "0", "0.01"].map(money));
        let free = [Money::ZERO, Money::ZERO];
        assert_eq!(split(money("0.03"), &free), [money("0.02"), money("0.01")]);
        assert_eq!(split(money("1"), &[]), []);
    }

    proptest! {
        #[test]
        fn shares_sum_up_and_stay_within_their_weights(
            weights in prop::collection::vec(0_i128..100_000_000, 1..40),
            part in 0_u16..=10_000,
        ) {
            let weights: Vec<_> =
                weights.into_iter().map(|cents| Money::from_cents(cents).unwrap()).collect();
            let whole = Money::sum(weights.iter().copied()).unwrap();
            let amount = whole.scaled(i64::from(part), 10_000).unwrap();
            let shares = split(amount, &weights);
            prop_assert_eq!(Money::sum(shares.iter().copied()), Ok(amount));
            for (share, weight) in shares.iter().zip(&weights) {
                prop_assert!(!share.is_negative() && share <= weight);
                // Nobody is more than a cent away from the exact proportion.
                let exact = i128::from(amount.cents()) * i128::from(weight.cents());
                let off = i128::from(share.cents()) * i128::from(whole.cents()) - exact;
                prop_assert!(off.abs() < i128::from(whole.cents()).max(1));
            }
        }

        #[test]
        fn shares_sum_up_whatever_is_split(
            amount in 0_i128..=99_999_999_999,
            weights in prop::collection::vec(0_i128..=99_999_999_999, 1..20),
        ) {
            let weights: Vec<_> =
                weights.into_iter().map(|cents| Money::from_cents(cents).unwrap()).collect();
            let amount = Money::from_cents(amount).unwrap();
            prop_assert_eq!(Money::sum(split(amount, &weights)), Ok(amount));
        }
    }
}
