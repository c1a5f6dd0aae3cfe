package dev.patron.sample.ui

import android.content.Context
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.TextView

/** Inflates [layout] as a child of this group, without adding it. */
fun ViewGroup.inflate(layout: Int): View = LayoutInflater.from(context).inflate(layout, this, false)

fun View.text(id: Int): TextView = findViewById(id)

/** Shows the view only when there is something to say. */
fun TextView.sayOrHide(text: CharSequence?) {
    this.text = text
    visibility = if (text.isNullOrEmpty()) View.GONE else View.VISIBLE
}

fun View.showIf(shown: Boolean) {
    visibility = if (shown) View.VISIBLE else View.GONE
}

fun Context.dp(value: Float): Float = value * resources.displayMetrics.density
