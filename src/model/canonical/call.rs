//! Calls elaborated: the arguments become what the function takes, by the model's own functions, then by the built-in.

use std::borrow::Cow;

use super::elaborate::{below, elaborate, pieces};
use super::function::{Param, is_known, is_of_extension, resolve};
use super::operator::{comparable, compared};
use super::scope::Scope;
use super::types::{Type, bare, builtin, common, element_of, is_number, normal, of_data_type};
use super::value::{Value, coerce};
use crate::model::routine::{Argument, Mode, Returns};
use crate::syntax::expr::{Arg, Call, Expr, Piece};

/// `call`, elaborated, with the type of its result.
pub fn call(call: &Call, scope: &Scope) -> Value {
    let call = &*gathered(call, scope);
    let mut name = call.name.clone();
    if name.len() == 2 && (name[0] == "pg_catalog" || name[0] == "public") {
        name.remove(0);
    }
    let mut args: Vec<Value> = call.args.iter().map(|arg| elaborate(&arg.value, scope)).collect();
    let result = match (name.as_slice(), args.len()) {
        ([one], 1..) if matches!(one.as_str(), "coalesce" | "greatest" | "least") => {
            let ty = common(args.iter().map(|it| &it.ty));
            if let Some(ty) = &ty {
                args = args.into_iter().map(|it| Value::open(coerce(it, ty))).collect();
            }
            ty.map_or(Type::Open, Type::Known)
        }
        ([one], 2) if one == "nullif" => {
            let ty = args[0].base(scope).map(|ty| comparable(&ty));
            let right = args.swap_remove(1);
            let (left, right) = compared(args.swap_remove(0), right, scope);
            args = vec![Value::open(left), Value::open(right)];
            ty.map_or(Type::Open, Type::Known)
        }
        ([one], 3) if matches!(one.as_str(), "lag" | "lead") => {
            let ty = common([&args[0].ty, &args[2].ty].into_iter());
            if let Some(ty) = &ty {
                for at in [0, 2] {
                    let value = std::mem::replace(&mut args[at], Value::open(Expr::Null));
                    args[at] = Value::open(coerce(value, ty));
                }
            }
            ty.map_or(Type::Open, Type::Known)
        }
        ([one], 0) if matches!(one.as_str(), "transaction_timestamp") => {
            name = vec!["now".to_owned()];
            Type::Known(builtin("timestamptz"))
        }
        _ => function(&name, call, &mut args, scope),
    };
    let given = call.args.iter().zip(args);
    let args =
        given.map(|(arg, value)| Arg { name: arg.name.clone(), variadic: arg.variadic, value: value.expr }).collect();
    let tail = match name.as_slice() {
        [one] if one == "percentile_cont" => continuous(&call.tail, scope),
        _ => pieces(&call.tail, scope),
    };
    Value::new(Expr::Call(Call { name, args, star: call.star, distinct: call.distinct, tail }), result)
}

/// What follows a call of `percentile_cont`, which goes between numbers as binary fractions.
fn continuous(tail: &[Piece], scope: &Scope) -> Vec<Piece> {
    let number = |piece: &Piece| match piece {
        Piece::Expr(expr) => {
            let value = elaborate(expr, scope);
            let is_number = value.base(scope).is_some_and(|ty| is_number(&ty));
            let double = || coerce(value.clone(), &builtin("double precision"));
            Piece::Expr(if is_number { double() } else { value.expr })
        }
        other => pieces(std::slice::from_ref(other), scope).remove(0),
    };
    let condition = |piece: &Piece| matches!(piece, Piece::Word(word) if word == "filter");
    let order = tail.iter().position(condition).unwrap_or(tail.len());
    tail[..order].iter().map(number).chain(pieces(&tail[order..], scope)).collect()
}

/// The call with those arguments as one array that a variadic parameter takes. Source: `ParseFuncOrColumn` in
/// `src/backend/parser/parse_func.c`.
fn gathered<'c>(call: &'c Call, scope: &Scope) -> Cow<'c, Call> {
    let said = call.args.iter().any(|arg| arg.name.is_some() || arg.variadic);
    // PostgreSQL's own function of that name may be meant.
    let certain = !said && call.name.last().is_some_and(|name| !is_known(name));
    let Some((first, ty)) = scope.variadic(&call.name).filter(|(first, _)| certain && call.args.len() > *first) else {
        return Cow::Borrowed(call);
    };
    let mut args = call.args.clone();
    let items = args.split_off(first).into_iter().map(|arg| arg.value).collect();
    let value = match ty.array {
        true => Expr::Cast(Box::new(Expr::Array(items)), bare(&of_data_type(ty))),
        false => Expr::Array(items),
    };
    args.push(Arg { name: None, variadic: true, value });
    Cow::Owned(Call { args, ..call.clone() })
}

/// Coerces the arguments to what the function takes, and says what it gives.
fn function(name: &[String], call: &Call, args: &mut [Value], scope: &Scope) -> Type {
    let variadic = scope.variadic(name).is_some();
    let whole = call.args.iter().all(|arg| variadic || !arg.variadic);
    let plain = whole && call.args.iter().all(|arg| arg.name.is_none());
    let given: Vec<Type> = args.iter().map(|arg| arg.ty.clone()).collect();
    // What is named may stand anywhere, so that of several routines none is found by it.
    let found = scope.routine(name, &given).filter(|_| plain || scope.is_sole_routine(name));
    if let Some(routine) = found.filter(|_| whole) {
        let inputs: Vec<&Argument> = routine.args.iter().filter(|arg| arg.mode != Mode::Out).collect();
        let param = |at: usize, arg: &Arg| match &arg.name {
            Some(name) => {
                inputs.iter().find(|param| param.name.as_ref().is_some_and(|own| own.as_str() == name)).copied()
            }
            None => inputs.get(at).copied(),
        };
        let params = call.args.iter().enumerate().map(|(at, arg)| param(at, arg));
        for (arg, param) in args.iter_mut().zip(params) {
            let Some(param) = param else { continue };
            let ty = of_data_type(&param.ty);
            if !ty.name.starts_with("any") {
                let base = scope.base(&ty);
                let is_its = arg.ty.known().is_some_and(|own| bare(own) == ty);
                let expr = std::mem::replace(&mut arg.expr, Expr::Null);
                let value = below(Value::new(expr, arg.ty.clone()), &ty, scope);
                arg.expr = match base == ty {
                    true => coerce(value, &bare(&base)),
                    false if is_its => value.expr,
                    false => coerce(value, &ty),
                };
            }
        }
        return match &routine.returns {
            Returns::Type(ty) | Returns::SetOf(ty) => {
                let ty = of_data_type(ty);
                if ty.name.starts_with("any") { Type::Open } else { Type::Known(ty) }
            }
            _ => Type::Open,
        };
    }
    if let Some((bound, range)) = scope.range(name).filter(|_| plain && matches!(args.len(), 2 | 3)) {
        for (arg, ty) in args.iter_mut().zip([&bound, &bound, &builtin("text")]) {
            let expr = std::mem::replace(&mut arg.expr, Expr::Null);
            arg.expr = coerce(Value::new(expr, arg.ty.clone()), ty);
        }
        return Type::Known(range);
    }
    if let Some(types) = scope.aggregated(name, args.len()).filter(|_| plain) {
        for (arg, ty) in args.iter_mut().zip(types).filter(|(arg, _)| arg.ty != Type::Open) {
            let expr = std::mem::replace(&mut arg.expr, Expr::Null);
            arg.expr = coerce(Value::new(expr, arg.ty.clone()), &ty);
        }
        return Type::Open;
    }
    let one = match name {
        [one] => one,
        [schema, one] if scope.is_extended(schema) && is_of_extension(one) => one,
        _ => return Type::Open,
    };
    if scope.has_routine(name) || !is_known(one) || !plain {
        return Type::Open;
    }
    let types: Vec<Type> = args
        .iter()
        .map(|arg| match &arg.ty {
            Type::Known(ty) => Type::Known(scope.base(ty)),
            other => other.clone(),
        })
        .collect();
    let Some(resolved) = resolve(one, &types) else { return Type::Open };
    let member = types.first().and_then(Type::known).filter(|ty| ty.array).map(|ty| element_of(&bare(ty)));
    for (arg, param) in args.iter_mut().zip(&resolved.params) {
        let wanted = match param {
            Param::Type(ty) => Some(ty.clone()),
            Param::Member => member.clone(),
            Param::Any | Param::Array | Param::Range => None,
        };
        if let Some(ty) = wanted {
            let expr = std::mem::replace(&mut arg.expr, Expr::Null);
            arg.expr = coerce(Value::new(expr, arg.ty.clone()), &normal(&ty));
        }
    }
    resolved.result
}
